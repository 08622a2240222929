//! Tables that are declared twice.

use std::collections::BTreeMap;

use python::Known;

use crate::declared::{DeclaredTable, MetaDataKey, Models};

/// Two declarations of one table in one `MetaData`, of which the second fails.
#[derive(Clone, Debug, PartialEq)]
pub struct DuplicateTable<'a> {
    /// `schema.name`, or `name`.
    pub key: String,
    /// The declaration that comes first; across files, in the order of the files.
    pub first: &'a DeclaredTable,
    /// The one that fails.
    pub second: &'a DeclaredTable,
}

/// The tables of which a second declaration is sure to fail, each with every further declaration
/// against the first, in the order of the models.
pub fn duplicate_table_names(models: &Models) -> Vec<DuplicateTable<'_>> {
    let mut first: BTreeMap<(&MetaDataKey, String), Vec<&DeclaredTable>> = BTreeMap::new();
    let mut duplicates = Vec::new();
    for table in &models.tables {
        let (Some(metadata), Some(key)) = (table.metadata.literal(), table.key()) else { continue };
        if !table.is_sure {
            continue;
        }
        let declared = first.entry((metadata, key.clone())).or_default();
        if let Some(earlier) = declared.iter().find(|earlier| collide(earlier, table)) {
            duplicates.push(DuplicateTable { key, first: earlier, second: table });
        } else {
            // Only the first of each file matters, so a name repeated a million times stays cheap.
            if declared.last().is_none_or(|last| last.file() != table.file()) {
                declared.push(table);
            }
        }
    }
    duplicates
}

/// Whether the declaration of `second` fails once `first` stands. Which file is imported first is
/// not known, so across files neither may be one that adds to, or only looks up, the other.
fn collide(first: &DeclaredTable, second: &DeclaredTable) -> bool {
    if first.file() == second.file() {
        return fails_on_another(second);
    }
    !first.is_test && !second.is_test && fails_on_another(first) && fails_on_another(second)
}

fn fails_on_another(table: &DeclaredTable) -> bool {
    table.extend_existing == Known::Literal(false)
        && table.keep_existing == Known::Literal(false)
        && table.has_parts == Known::Literal(true)
}

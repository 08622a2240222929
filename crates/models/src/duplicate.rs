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
    let mut first: BTreeMap<(&MetaDataKey, bool, String), First<'_>> = BTreeMap::new();
    let mut duplicates = Vec::new();
    for table in &models.tables {
        let (Some(metadata), Some(key)) = (table.metadata.literal(), key(table)) else { continue };
        if !table.is_sure {
            continue;
        }
        let first = first.entry((metadata, table.schema_of_metadata, key.clone())).or_default();
        let in_file = first.in_file.filter(|earlier| earlier.file() == table.file());
        let earlier = in_file.or(first.elsewhere).filter(|earlier| collide(earlier, table));
        if let Some(earlier) = earlier {
            duplicates.push(DuplicateTable { key, first: earlier, second: table });
        }
        first.in_file = in_file.or(Some(table));
        if first.elsewhere.is_none() && !table.is_test && fails_on_another(table) {
            first.elsewhere = Some(table);
        }
    }
    duplicates
}

/// The declarations that a further one may collide with.
#[derive(Default)]
struct First<'a> {
    /// The first of the file that was read last.
    in_file: Option<&'a DeclaredTable>,
    /// The first that another file may collide with.
    elsewhere: Option<&'a DeclaredTable>,
}

/// `schema.name`, or where the schema is that of a `MetaData` that is not read, `name`.
fn key(table: &DeclaredTable) -> Option<String> {
    if table.schema_of_metadata {
        return table.name.literal().map(ToString::to_string);
    }
    table.key()
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

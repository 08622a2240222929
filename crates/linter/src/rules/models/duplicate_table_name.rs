//! `duplicate-table-name`

use diagnostics::Level;
use models::{DeclaredTable, DuplicateTable, duplicate_table_names};

use crate::rule::rule;
use crate::{Check, Finding, Fixes, Group, ModelsView, Reporter, Rule};

rule! {
    /// Two mapped classes, or tables, with one name in one schema of one `MetaData`.
    ///
    /// ## Why it matters
    /// SQLAlchemy refuses the second: `Table 'users' is already defined for this MetaData
    /// instance.` Whichever module is imported last cannot be imported, and as `env.py` imports
    /// the models, no command of Alembic runs. It often comes from a copied class, from a merge of
    /// two branches that both added the model, or from a `__tablename__` in a mixin that two
    /// classes share.
    ///
    /// ## What to do
    /// Remove one of the two, or give it another `__tablename__`. Where both are meant to describe
    /// one table, the second says so with `__table_args__ = {"extend_existing": True}`.
    ///
    /// ## When it stays silent
    /// On single-table inheritance, abstract classes, tables in different schemas, binds or
    /// `MetaData`, tables with `extend_existing` or `keep_existing`, names and schemas that only a
    /// run would tell, and declarations under a condition or in a function. A file of tests is
    /// compared with itself only: it may never be imported together with the rest.
    pub(crate) static DUPLICATE_TABLE_NAME = Rule {
        name: "duplicate-table-name",
        group: Group::Models,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::None,
        summary: "a table that is declared twice in one `MetaData`",
        check: Check::Models(check),
    };
}

fn check(view: &ModelsView<'_>, report: &mut Reporter<'_>) {
    for duplicate in duplicate_table_names(view.models) {
        report.report(finding(&duplicate));
    }
}

fn finding(duplicate: &DuplicateTable<'_>) -> Finding {
    let DuplicateTable { key, first, second } = duplicate;
    let message = match (&first.class, &second.class) {
        (Some(one), Some(other)) if one != other => format!(
            "`{one}` and `{other}` both declare the table `{key}`, and SQLAlchemy refuses the second"
        ),
        _ => format!("the table `{key}` is declared twice, and SQLAlchemy refuses the second"),
    };
    Finding::at(marked(second, first), message)
        .help(
            "remove one of them, or give it another name; where both describe one table, say so \
             with `extend_existing=True`",
        )
        .related(marked(first, second), format!("`{key}` is declared here first"))
}

/// The name as it is written, or where both take it from one place, the class.
fn marked(table: &DeclaredTable, other: &DeclaredTable) -> diagnostics::Place {
    let is_own = table.name_place != other.name_place && table.name_place.file == table.place.file;
    if is_own { table.name_place } else { table.place }
}

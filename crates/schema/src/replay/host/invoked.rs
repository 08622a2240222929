//! `op.invoke(…)`: an operation as an object.

use std::sync::Arc;

use python::interpret::{Answer, Argument, Arguments, Object, Site, Text};

use super::super::operation::Batch;
use super::{Replaying, calls};

/// The classes of `alembic.operations.ops`, with the function of `op` that does the same.
const CLASSES: [(&str, &str); 18] = [
    ("AddColumnOp", "add_column"),
    ("AlterColumnOp", "alter_column"),
    ("BulkInsertOp", "bulk_insert"),
    ("CreateCheckConstraintOp", "create_check_constraint"),
    ("CreateExcludeConstraintOp", "create_exclude_constraint"),
    ("CreateForeignKeyOp", "create_foreign_key"),
    ("CreateIndexOp", "create_index"),
    ("CreatePrimaryKeyOp", "create_primary_key"),
    ("CreateTableCommentOp", "create_table_comment"),
    ("CreateTableOp", "create_table"),
    ("CreateUniqueConstraintOp", "create_unique_constraint"),
    ("DropColumnOp", "drop_column"),
    ("DropConstraintOp", "drop_constraint"),
    ("DropIndexOp", "drop_index"),
    ("DropTableCommentOp", "drop_table_comment"),
    ("DropTableOp", "drop_table"),
    ("ExecuteSQLOp", "execute"),
    ("RenameTableOp", "rename_table"),
];

/// What `AlterColumnOp` calls what `op.alter_column` calls otherwise.
const ALTERED: [(&str, &str); 5] = [
    ("modify_nullable", "nullable"),
    ("modify_comment", "comment"),
    ("modify_server_default", "server_default"),
    ("modify_name", "new_column_name"),
    ("modify_type", "type_"),
];

/// Answers `op.invoke(operation)`.
pub(super) fn invoke<'t>(
    host: &mut Replaying<'_, '_, 't>,
    batch: Option<&Arc<Batch>>,
    arguments: &Arguments<'t>,
    site: Site,
) -> Answer<'t> {
    let operation = arguments.get(0, "operation").map(|one| &one.value);
    let found = match (batch, operation.and_then(Object::as_foreign)) {
        (None, Some(foreign)) => foreign.called().and_then(|(name, given)| called(name, given)),
        _ => None,
    };
    let Some((function, given)) = found else {
        host.blind(site.entry, "an operation that is invoked as an object", None);
        return Answer::Unknown("what an operation gives".into());
    };
    calls::operation(host, function, None, &given, site)
}

/// The function of `op` that does what an object of `name` does, and its arguments.
fn called<'t>(name: &str, given: &Arguments<'t>) -> Option<(&'static str, Arguments<'t>)> {
    let class = name.strip_prefix("alembic.operations.")?.rsplit('.').next()?;
    let (_, function) = CLASSES.into_iter().find(|(one, _)| *one == class)?;
    if given.open.is_some() || given.keywords.iter().any(|(name, _)| name.starts_with('_')) {
        return None;
    }
    let mut given = given.clone();
    let list = match class {
        "CreateTableOp" => Some((1, "columns")),
        "CreateExcludeConstraintOp" => Some((2, "elements")),
        _ => None,
    };
    if let Some((at, name)) = list {
        spread(&mut given, at, name)?;
    }
    if class == "AlterColumnOp" {
        for (name, _) in &mut given.keywords {
            if let Some((_, own)) = ALTERED.iter().find(|(theirs, _)| *theirs == &**name) {
                *name = Text::Tree(own);
            }
        }
    }
    if class == "DropTableOp" {
        given.keywords.retain(|(name, _)| &**name != "table_kw");
    }
    Some((function, given))
}

/// Puts the items of a list in its place: the function takes them one by one.
fn spread(given: &mut Arguments<'_>, at: usize, name: &str) -> Option<()> {
    let list = match given.keywords.iter().position(|(each, _)| &**each == name) {
        Some(found) => given.keywords.remove(found).1,
        None if given.positional.len() == at + 1 => given.positional.pop()?,
        None => return None,
    };
    let place = list.place;
    // The parameters before it may have been given by name.
    if given.positional.len() < at {
        return None;
    }
    let items = list.value.items()?;
    given.positional.extend(items.into_iter().map(|value| Argument { value, place }));
    Some(())
}

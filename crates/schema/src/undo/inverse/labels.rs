//! An enum type without a label that it was given: PostgreSQL takes none away, so the type is made
//! anew, and the columns that have it get the new one.

use python::{Known, Name};
use sql::{AlterType, CreateEnum, DropObjects, ObjectName, Statement, TypeAction, TypeName};

use super::super::back::Alter;
use super::super::parts::{Why, shown};
use super::{Backs, Inverse};
use crate::state::{Column, Table, TypeKind};

impl Inverse<'_> {
    /// The type as it was before it got `label`. It fails where rows have the label by then.
    pub(super) fn without_label(&mut self, name: &ObjectName, label: &str) -> Backs {
        let refused = |why: &str| {
            format!("PostgreSQL cannot take the label `{label}` from the type {}{why}", shown(name))
        };
        let before = self.before();
        // What stood there before the chain cannot have a type that the chain made.
        let was = before.user_type(name).filter(|one| one.doubt.is_none() && one.is_created);
        let Some(TypeKind::Enum(Known::Literal(labels))) = was.map(|one| &one.kind) else {
            return Err(refused(", whose other labels no revision says"));
        };
        if labels.iter().any(|one| **one == *label) {
            return Ok(Vec::new());
        }
        let mut altered = Vec::new();
        for table in before.tables() {
            if table.doubt.is_some() {
                return Err(refused(", and which columns have it is not known"));
            }
            for column in table.columns.iter().filter(|column| is_of(column, name)) {
                if let Some(why) = obstacle(table, column) {
                    return Err(refused(&why));
                }
                altered.push((table.name.clone(), column.name.clone(), column.sql_type.clone()));
            }
        }
        let old: Name = format!("{}_old", name.name).into();
        let old_name = ObjectName { schema: name.schema.clone(), name: old.clone() };
        if before.has_type(&old_name) == Some(true) {
            return Err(refused(&format!(", beside which {} stands", shown(&old_name))));
        }
        let is_seen = |table: &ObjectName| altered.iter().any(|(one, ..)| one == table);
        if before.views().iter().any(|view| view.depends_on.iter().any(is_seen)) {
            return Err(refused(", of which a view shows a column"));
        }
        let labels = Known::Literal(labels.clone());
        let mut backs = vec![
            self.back(Statement::AlterType(AlterType {
                name: name.clone(),
                action: TypeAction::RenameTo(old),
            })),
            self.back(Statement::CreateEnum(CreateEnum { name: name.clone(), labels })),
        ];
        for (table, column, sql_type) in altered {
            let Known::Literal(Some(sql_type)) = sql_type else { continue };
            let quoted = |name: &str| sql::quoted_name(name, sql::Dialect::PostgreSql);
            let of_type = match &name.schema {
                Some(schema) => format!("{}.{}", quoted(schema), quoted(&name.name)),
                None => quoted(&name.name),
            };
            let using = Some(format!("{}::text::{of_type}", quoted(&column)));
            let alter =
                Alter { sql_type: Some(sql_type), using, ..Alter::nothing(&table, &column) };
            backs.push(self.alter(alter));
        }
        let names = vec![old_name];
        let mut drop =
            self.back(Statement::DropType(DropObjects { names, if_exists: false, cascade: false }));
        drop.note = Some(format!("fails where rows have `{label}`"));
        backs.push(drop);
        self.is_sure = false;
        Ok(backs)
    }
}

/// Whether a column has the type, or an array of it.
fn is_of(column: &Column, name: &ObjectName) -> bool {
    match &column.sql_type {
        Known::Literal(Some(sql_type)) => {
            matches!(&sql_type.name, TypeName::UserDefined(of) if of == name)
        }
        Known::Literal(None) => false,
        Known::Dynamic(_) => true,
    }
}

/// Why the type of a column cannot simply be another enum.
fn obstacle(table: &Table, column: &Column) -> Option<Why> {
    let of = format!("`{}.{}`", table.name.name, column.name);
    let Known::Literal(Some(sql_type)) = &column.sql_type else {
        return Some(", and which columns have it is not known".to_owned());
    };
    if sql_type.dimensions > 0 {
        return Some(format!(", which {of} has in an array"));
    }
    if column.default != Known::Literal(None) || column.generated.is_some() {
        return Some(format!(", of which {of} has a default"));
    }
    let mentions =
        |text: &Known<Box<str>>| text.literal().is_none_or(|text| text.contains(&*column.name));
    let is_plain = |index: &crate::state::Index| {
        let parts = index.body.parts.literal();
        index.body.predicate.is_none()
            && parts.is_some_and(|parts| parts.iter().all(|part| part.column.is_some()))
    };
    let is_checked = table.checks().any(|(_, check)| mentions(&check.expression));
    if is_checked || table.indexes.iter().any(|index| !is_plain(index)) {
        return Some(format!(", and a check or an index may compare {of} with a label"));
    }
    None
}

//! Types that other databases have and PostgreSQL does not, as columns are given them.

use python::{Known, Name};
use schema::replay::{Sent, Step};
use sql::{Dialect, ObjectName, SqlType, Statement, TableAction, TypeName};

use super::{finding, steps};
use crate::{Evidence, Finding, ReplayView};

/// Each with what SQLAlchemy has for it on every database.
const FOREIGN: [(&str, &str); 15] = [
    ("BINARY", "sa.LargeBinary()"),
    ("BLOB", "sa.LargeBinary()"),
    ("CLOB", "sa.Text()"),
    ("DATETIME", "sa.DateTime()"),
    ("LONGBLOB", "sa.LargeBinary()"),
    ("LONGTEXT", "sa.Text()"),
    ("MEDIUMBLOB", "sa.LargeBinary()"),
    ("MEDIUMINT", "sa.Integer()"),
    ("MEDIUMTEXT", "sa.Text()"),
    ("NVARCHAR", "sa.String(…)"),
    ("TINYBLOB", "sa.LargeBinary()"),
    ("TINYINT", "sa.SmallInteger()"),
    ("TINYTEXT", "sa.Text()"),
    ("VARBINARY", "sa.LargeBinary()"),
    ("VARCHAR2", "sa.String(…)"),
];

/// Every column that is given a type of another database, where something says that the chain runs on
/// PostgreSQL: who never says so may mean that other one.
pub(crate) fn findings(view: &ReplayView<'_>) -> Vec<Finding> {
    let server = view.context.server(Dialect::PostgreSql);
    let is_said = server.is_some_and(|server| server.named_by != Evidence::Assumed);
    if view.dialect != Dialect::PostgreSql || !is_said {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (revision, step) in steps(view) {
        for sent in step.statements.iter().filter(|sent| !sent.is_uncertain) {
            for (name, instead) in given(sent).into_iter().filter_map(|one| foreign(one, step)) {
                let message = format!("PostgreSQL has no type `{name}`");
                let finding = finding(revision, step, sent.place, message);
                found.push(finding.help(format!("write `{instead}`")));
            }
        }
    }
    found
}

fn foreign(sql_type: &SqlType, step: &Step) -> Option<(&'static str, &'static str)> {
    let name = match &sql_type.name {
        TypeName::BuiltIn(name) => ObjectName::bare(Name::from(name.to_lowercase())),
        TypeName::UserDefined(name) => name.clone(),
    };
    // A domain may have the name.
    let is_made = step.after.user_type(&name).is_some_and(|one| one.is_created);
    if is_made || name.schema.is_some() {
        return None;
    }
    let name = &name.name;
    FOREIGN.into_iter().find(|(each, _)| each.eq_ignore_ascii_case(name))
}

/// The types that a statement gives to columns.
fn given(sent: &Sent) -> Vec<&SqlType> {
    match &sent.statement {
        Statement::CreateTable(table) => {
            table.columns.iter().filter_map(|one| known(&one.sql_type)).collect()
        }
        Statement::AlterTable(alter) => alter
            .actions
            .iter()
            .filter_map(|action| match action {
                TableAction::AddColumn { column, .. } => known(&column.sql_type),
                TableAction::AlterColumn { change, .. } => change.sql_type.as_ref()?.literal(),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn known(sql_type: &Known<Option<SqlType>>) -> Option<&SqlType> {
    sql_type.literal()?.as_ref()
}

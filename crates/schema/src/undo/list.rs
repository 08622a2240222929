//! The way back, tried on the replayed schema.

use diagnostics::Place;
use sql::{Dialect, ObjectName, Statement, TableAction};

use super::back::{Alter, Back, What};
use super::parts::shown;
use super::plan::target;
use super::{Refusal, refuse};
use crate::replay::remade;
use crate::state::{Difference, Fault, Schema, TypeKind, apply, difference};

/// How many attempts one thing gets.
const ATTEMPTS: usize = 3;

/// What of `backs` is needed, with what the database asks for besides; an error where it fails or
/// does not lead to `goal`, but for what is `allowed`.
pub(super) fn tried(
    backs: Vec<Back>,
    from: &Schema,
    goal: &Schema,
    allowed: &[Difference],
    place: Place,
) -> Result<Vec<Back>, Refusal> {
    let mut schema = from.clone();
    let mut done: Vec<Back> = Vec::new();
    let mut rest = backs.into_iter().peekable();
    while let Some(back) = rest.next() {
        if schema.dialect() == Dialect::Sqlite && back.batch.is_some() {
            let mut block = vec![back];
            let joins = |next: &Back, block: &[Back]| {
                block.last().is_some_and(|last| next.is_joined_to(last))
            };
            while rest.peek().is_some_and(|next| joins(next, &block)) {
                block.extend(rest.next());
            }
            in_block(&mut schema, &mut block)?;
            done.extend(block);
            continue;
        }
        if is_done(&back, &schema) {
            continue;
        }
        one(&mut schema, back, &mut done)?;
    }
    let differs = difference(goal, &schema);
    match differs.iter().find(|one| !allowed.contains(one)) {
        None => Ok(done),
        Some(first) => {
            refuse(place, format!("what undoes it would leave {} otherwise", subject(first)))
        }
    }
}

/// Whether what is to be dropped was dropped by the upgrade itself.
fn is_done(back: &Back, schema: &Schema) -> bool {
    let What::Statement(statement) = &back.what else { return false };
    match statement {
        Statement::DropTable(drop) => {
            drop.names.iter().all(|name| schema.has_table(name) == Some(false))
        }
        Statement::DropType(drop) => {
            drop.names.iter().all(|name| schema.has_type(name) == Some(false))
        }
        Statement::DropIndex(drop) => {
            drop.names.iter().all(|name| schema.has_index(name) == Some(false))
        }
        Statement::AlterTable(alter) => {
            let Some(table) = schema.table(&alter.table) else { return false };
            match alter.actions.first() {
                Some(TableAction::DropColumn { name, .. }) => table.has_column(name) == Some(false),
                Some(TableAction::DropConstraint { name: Some(name), .. }) => {
                    table.has_constraint(name) == Some(false)
                }
                _ => false,
            }
        }
        _ => false,
    }
}

fn one(schema: &mut Schema, mut back: Back, done: &mut Vec<Back>) -> Result<(), Refusal> {
    for _ in 0..ATTEMPTS {
        let mut after = schema.clone();
        let fault = back
            .sent(schema.dialect())
            .iter()
            .find_map(|statement| apply(&mut after, statement, back.step, back.place).pop());
        let Some(fault) = fault else {
            back.on = Some(schema.clone());
            *schema = after;
            done.push(back);
            return Ok(());
        };
        let What::Alter(change) = &mut back.what else { return failed(&back, &fault) };
        match fault {
            Fault::NoCast { is_default: false, .. } if change.using.is_none() => {
                change.using = using(schema, change);
            }
            Fault::NoCast { is_default: true, .. } => {
                let first = without_default(schema, change);
                let mut first_back = Back { what: What::Alter(Box::new(first)), ..back.clone() };
                first_back.note = None;
                one(schema, first_back, done)?;
            }
            fault => return failed(&back, &fault),
        }
    }
    refuse(back.place, format!("no cast of {} is known that undoes it", target(&back)))
}

/// Drops the default, which has no cast to the new type; it is set again afterwards.
fn without_default(schema: &Schema, alter: &mut Alter) -> Alter {
    let now = schema.table(&alter.table).and_then(|table| table.column(&alter.column));
    let default = now.and_then(|column| column.default.literal().cloned().flatten());
    alter.default.get_or_insert(default);
    Alter { default: Some(None), ..Alter::nothing(&alter.table, &alter.column) }
}

/// How the values become those of the other type; those of an enum by their labels.
fn using(schema: &Schema, alter: &Alter) -> Option<String> {
    let sql_type = alter.sql_type.as_ref()?;
    let column = sql::quoted_name(&alter.column, Dialect::PostgreSql);
    let now = schema.table(&alter.table)?.column(&alter.column)?;
    let is_enum = |sql_type: &sql::SqlType| match &sql_type.name {
        sql::TypeName::UserDefined(name) => {
            schema.user_type(name).is_some_and(|one| matches!(one.kind, TypeKind::Enum(_)))
        }
        sql::TypeName::BuiltIn(_) => false,
    };
    let was = now.sql_type.literal()?.as_ref()?;
    let name = sql_type.printed(Dialect::PostgreSql);
    Some(if is_enum(was) && is_enum(sql_type) {
        format!("{column}::text::{name}")
    } else {
        format!("{column}::{name}")
    })
}

fn failed(back: &Back, fault: &Fault) -> Result<(), Refusal> {
    let what = match fault {
        Fault::Depended { name, .. } => format!("something depends on {} by then", shown(name)),
        Fault::Unknown { name, .. } => format!("{} is not there by then", shown(name)),
        Fault::Duplicate { name, .. } => format!("{} is there already by then", shown(name)),
        _ => format!("the database refuses what undoes it {}", target(back)).trim_end().to_owned(),
    };
    refuse(back.place, what)
}

/// A batch block of SQLite, which makes its table anew.
fn in_block(schema: &mut Schema, block: &mut [Back]) -> Result<(), Refusal> {
    let place = block[0].place;
    let Some(name) = block[0].batch.clone() else { return Ok(()) };
    let Some(table) = schema.table(&name).filter(|table| table.is_sure()) else {
        return refuse(place, format!("not all of {} is known", shown(&name)));
    };
    let dialect = schema.dialect();
    let statements: Vec<Statement> = block.iter().flat_map(|back| back.sent(dialect)).collect();
    let sent = remade(table, &statements, dialect);
    let sent = sent.map_err(|why| Refusal { place, reason: why })?;
    for back in block.iter_mut() {
        back.on = Some(schema.clone());
    }
    for statement in sent {
        if let Some(fault) = apply(schema, &statement, block[0].step, place).first() {
            return failed(&block[0], fault);
        }
    }
    Ok(())
}

/// What a difference is about.
fn subject(one: &Difference) -> String {
    let part = |table: &ObjectName, name: &str| format!("`{}.{name}`", table.name);
    match one {
        Difference::ColumnAdded(table, name)
        | Difference::ColumnRemoved(table, name)
        | Difference::ColumnChanged { table, column: name, .. } => part(table, name),
        Difference::ConstraintAdded(table, _, name)
        | Difference::ConstraintRemoved(table, _, name) => match name {
            Some(name) => format!("`{name}`"),
            None => format!("a constraint of {}", shown(table)),
        },
        Difference::ConstraintChanged(_, _, name)
        | Difference::ConstraintRenamed(_, _, _, name)
        | Difference::IndexAdded(_, name)
        | Difference::IndexRemoved(_, name)
        | Difference::IndexChanged(_, name)
        | Difference::IndexRenamed(_, _, name) => format!("`{name}`"),
        Difference::Added(_, name)
        | Difference::Removed(_, name)
        | Difference::CommentChanged(name)
        | Difference::LabelsChanged { name, .. }
        | Difference::ViewChanged(name) => shown(name),
    }
}

//! What is to be done, as Python.

mod columns;
mod parts;

use std::iter::Peekable;
use std::vec::IntoIter;

use diagnostics::Place;
use python::Name;
use sql::{CommentOn, Dialect, ObjectName, Statement, TableAction};

use super::back::{Back, What};
use super::call::Py;
use super::plan::Plan;
use super::spelling::Speller;
use super::text::{collapsed, escaped, quoted};
use super::{Refusal, Style, Written, refuse};
use crate::replay::{Library, Replay, Step, Value};
use crate::state::{Schema, StepId, TypeKind};

/// Writes a plan.
pub(super) fn written(
    plan: &Plan,
    replay: &Replay,
    dialect: Dialect,
    style: &Style<'_>,
) -> Result<Written, Refusal> {
    let speller = Speller { style, imports: std::collections::BTreeSet::new() };
    let mut writer = Writer { speller, replay, dialect, batch: None, lines: Vec::new() };
    let mut backs = plan.backs.clone().into_iter().peekable();
    while let Some(back) = backs.next() {
        writer.block(&back, &mut backs)?;
    }
    Ok(Written { lines: writer.lines, imports: writer.speller.imports, is_sure: plan.is_sure })
}

struct Writer<'w> {
    speller: Speller<'w>,
    replay: &'w Replay,
    dialect: Dialect,
    /// The table of the batch block that is being written.
    batch: Option<ObjectName>,
    lines: Vec<String>,
}

type Backs = Peekable<IntoIter<Back>>;

/// What `schema=` and comments need of the statements that follow.
struct At<'b> {
    back: &'b Back,
    schema: &'b Schema,
    comments: Vec<CommentOn>,
}

impl Writer<'_> {
    /// Writes one thing, or the block that it begins.
    fn block(&mut self, back: &Back, rest: &mut Backs) -> Result<(), Refusal> {
        let place = back.place;
        let named = |back: &Back| back.batch.clone();
        let is_concurrent = |back: &Back| match &back.what {
            What::Statement(Statement::CreateIndex(create)) => create.concurrently,
            What::Statement(Statement::DropIndex(drop)) => drop.concurrently,
            _ => false,
        };
        if is_concurrent(back) {
            let header = Py::Call("get_context".into(), Vec::new()).flat();
            let header = format!("with {}.{header}.autocommit_block():", self.op(place)?);
            self.lines.push(header);
            self.one(back, rest, 1)?;
            while let Some(next) = rest.next_if(|next| is_concurrent(next)) {
                self.one(&next, rest, 1)?;
            }
            return Ok(());
        }
        let Some(table) = named(back) else { return self.one(back, rest, 0) };
        let mut arguments = vec![self.speller.string(&table.name)];
        self.schema_argument("schema", &table, &mut arguments);
        let header = Py::Call(format!("{}.batch_alter_table", self.op(place)?), arguments);
        self.lines.push(format!("with {} as batch_op:", header.flat()));
        self.batch = Some(table.clone());
        self.one(back, rest, 1)?;
        let mut last = back.clone();
        while let Some(next) = rest.next_if(|next| next.is_joined_to(&last)) {
            self.one(&next, rest, 1)?;
            last = next;
        }
        self.batch = None;
        Ok(())
    }

    /// Writes one thing, with the comments on it that follow.
    fn one(&mut self, back: &Back, rest: &mut Backs, depth: usize) -> Result<(), Refusal> {
        let mut comments = Vec::new();
        while let Some(next) = rest.next_if(|next| is_comment_of(next, back)) {
            if let What::Statement(Statement::Comment(comment)) = next.what {
                comments.push(comment);
            }
        }
        let Some(schema) = &back.on else { return Ok(()) };
        let indent = self.speller.style.indent;
        let at = At { back, schema, comments };
        let imports = self.speller.imports.clone();
        let calls = if let Some(call) = self.call(&at) {
            vec![call]
        } else {
            self.speller.imports = imports;
            match self.as_sql(&at) {
                Some(calls) => calls,
                None => return refuse(back.place, "what undoes it cannot be written"),
            }
        };
        if let Some(note) = &back.note {
            let note = note.replace('`', "");
            self.lines.push(format!("{}# {note}", indent.repeat(depth)));
        }
        for call in calls {
            self.lines.extend(call.lines(depth, indent));
        }
        Ok(())
    }

    fn op(&mut self, place: Place) -> Result<String, Refusal> {
        match self.receiver(false) {
            Some(op) => Ok(op),
            None => refuse(place, "the file calls something else `op`"),
        }
    }

    /// `op`, or what a batch block binds.
    fn receiver(&mut self, in_batch: bool) -> Option<String> {
        if in_batch && self.batch.is_some() {
            return Some("batch_op".to_owned());
        }
        let path = self.speller.path("alembic.op.f")?;
        path.strip_suffix(".f").map(str::to_owned)
    }

    fn operation(&mut self, function: &str, arguments: Vec<Py>) -> Option<Py> {
        Some(Py::Call(format!("{}.{function}", self.receiver(true)?), arguments))
    }

    /// The statement as an operation; `None` where there is none that says it all.
    fn call(&mut self, at: &At<'_>) -> Option<Py> {
        match &at.back.what {
            What::Alter(alter) => self.alter(alter, at),
            What::Statement(statement) => match statement {
                Statement::CreateTable(create) => self.create_table(create, at),
                Statement::DropTable(drop) => {
                    let name = drop.names.first()?;
                    let mut arguments = vec![self.speller.string(&name.name)];
                    self.schema_argument("schema", name, &mut arguments);
                    self.operation("drop_table", arguments)
                }
                Statement::AlterTable(alter) => {
                    let action = alter.actions.first()?;
                    self.action(&alter.table, action, at)
                }
                Statement::CreateIndex(create) => self.create_index(create, at),
                Statement::DropIndex(drop) => self.drop_index(drop, at),
                Statement::CreateEnum(create) => {
                    let labels = create.labels.literal()?;
                    let mut arguments: Vec<Py> =
                        labels.iter().map(|label| self.speller.string(label)).collect();
                    self.enum_name(&create.name, &mut arguments);
                    self.enum_method(arguments, "create", Vec::new())
                }
                Statement::DropType(drop) => {
                    let name = drop.names.first()?;
                    let one = at.schema.user_type(name)?;
                    if !matches!(one.kind, TypeKind::Enum(_)) {
                        return None;
                    }
                    let mut arguments = Vec::new();
                    self.enum_name(name, &mut arguments);
                    self.enum_method(arguments, "drop", vec![Py::flag("checkfirst", true)])
                }
                Statement::Comment(comment) => self.table_comment(comment),
                _ => None,
            },
        }
    }

    /// The statements as text.
    fn as_sql(&mut self, at: &At<'_>) -> Option<Vec<Py>> {
        // What a batch block does comes at its end, SQL text at once.
        if self.batch.is_some() {
            return None;
        }
        let comments = at.comments.iter().cloned().map(Statement::Comment);
        let op = self.receiver(false)?;
        at.back
            .sent(self.dialect)
            .into_iter()
            .chain(comments)
            .map(|statement| {
                let text = escaped(&collapsed(&statement.written(self.dialect)));
                let text = quoted(&text, self.speller.style.quote);
                Some(Py::Call(format!("{op}.execute"), vec![Py::text(text)]))
            })
            .collect()
    }

    fn enum_name(&self, name: &ObjectName, arguments: &mut Vec<Py>) {
        arguments.push(Py::named("name", self.speller.string(&name.name)));
        self.schema_argument("schema", name, arguments);
    }

    fn enum_method(&mut self, made: Vec<Py>, method: &str, more: Vec<Py>) -> Option<Py> {
        let made = self.speller.core("Enum", made)?;
        let bind = Py::Call(format!("{}.get_bind", self.receiver(false)?), Vec::new());
        let arguments = [vec![bind], more].concat();
        Some(Py::Method(Box::new(made), method.to_owned(), arguments))
    }

    fn schema_argument(&self, name: &str, of: &ObjectName, arguments: &mut Vec<Py>) {
        if let Some(schema) = &of.schema {
            arguments.push(Py::named(name, self.speller.string(schema)));
        }
    }

    /// The table, which a batch block knows.
    fn table_argument(&self, table: &ObjectName, arguments: &mut Vec<Py>) {
        if self.batch.is_none() {
            arguments.push(self.speller.string(&table.name));
        }
    }

    fn table_schema(&self, table: &ObjectName, arguments: &mut Vec<Py>) {
        if self.batch.is_none() {
            self.schema_argument("schema", table, arguments);
        }
    }

    /// `sa.text("…")`
    fn sql_text(&mut self, sql: &str) -> Option<Py> {
        let text = self.speller.string(&escaped(sql));
        self.speller.core("text", vec![text])
    }

    /// A name that is final: plain where the operation at hand writes it so, in `op.f` else, so
    /// that no convention is applied to it.
    fn name(&mut self, name: &Name, step: StepId) -> Option<Py> {
        let plain = self.speller.string(name);
        let operation = step_of(self.replay, step).map(|step| &step.operation);
        let is_plain = operation.is_some_and(|operation| {
            let mut values: Vec<&Value> =
                operation.arguments.iter().map(|(_, one)| &one.value).collect();
            values.extend(operation.rest.iter().map(|one| &one.value));
            values.into_iter().find_map(|value| is_plain(value, name, 0)) == Some(true)
        });
        if is_plain {
            return Some(plain);
        }
        Some(Py::Call(format!("{}.f", self.receiver(true)?), vec![plain]))
    }
}

/// Whether a statement comments on what `back` makes.
fn is_comment_of(next: &Back, back: &Back) -> bool {
    let What::Statement(Statement::Comment(comment)) = &next.what else { return false };
    match &back.what {
        What::Statement(Statement::CreateTable(create)) => create.name == comment.table,
        What::Statement(Statement::AlterTable(alter)) => match alter.actions.first() {
            Some(TableAction::AddColumn { column, .. }) => {
                alter.table == comment.table && comment.column.as_ref() == Some(&column.name)
            }
            _ => false,
        },
        _ => false,
    }
}

fn step_of(replay: &Replay, id: StepId) -> Option<&Step> {
    let replayed = replay.revisions.get(id.revision as usize)?;
    replayed.up.steps.iter().find(|step| step.id == id)
}

/// Whether a value writes a name as a plain string; `Some(false)` where it stands in `op.f`.
fn is_plain(value: &Value, name: &str, depth: u32) -> Option<bool> {
    if depth > 12 {
        return None;
    }
    match value {
        Value::Str(text) => (&**text == name).then_some(true),
        Value::List(items) | Value::Tuple(items) => {
            items.iter().find_map(|one| is_plain(one, name, depth + 1))
        }
        Value::Call(call) => {
            let is_final = value.called().is_some_and(|(name, _)| {
                matches!(Library::of(name), Library::Op("f") | Library::Core("conv"))
            });
            let keywords = call.given.keywords.iter().map(|(_, one)| one);
            let mut given = call.given.positional.iter().chain(keywords);
            let found = given.find_map(|one| is_plain(&one.value, name, depth + 1));
            found.map(|plain| plain && !is_final)
        }
        _ => None,
    }
}

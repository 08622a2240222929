//! What the upgrades of a chain do to whoever else uses the database meanwhile.

pub(crate) mod backfill;
mod facts;
pub(crate) mod lineage;
pub(crate) mod online_ddl;
pub(crate) mod statements;
pub(crate) mod transactions;

pub use facts::facts;

use std::collections::BTreeSet;
use std::sync::OnceLock;

use diagnostics::Place;
use locks::{Act, Context, Effect, Fact, Waits, effects, is_of_interest};
use python::Known;
use revision::Revision;
use schema::Kind;
use schema::replay::{Replayed, Sent, Step, Value, type_ddl};
use schema::state::{Schema, StepId, Table, apply};
use sql::{AlterTable, Dialect, ObjectName, SqlType, Statement, TableAction};

use backfill::is_always;
use statements::place_of;
use transactions::{Transactions, Walk};

use crate::faults;
use crate::wording::shown;
use crate::{Finding, ReplayView};

/// What the upgrades of a chain do, found when a rule first asks.
#[derive(Default)]
pub struct Deeds(OnceLock<Found>);

struct Found {
    deeds: Vec<Deed>,
    transactions: Transactions,
}

/// One effect of a statement that surely runs.
struct Deed {
    replayed: usize,
    step: usize,
    sent: usize,
    effect: Effect,
    is_new: bool,
    is_emptied: bool,
    transaction: Option<u32>,
}

/// One effect with what surrounds it.
#[derive(Clone, Copy)]
pub(crate) struct Done<'a> {
    view: ReplayView<'a>,
    index: usize,
    deed: &'a Deed,
}

/// Every effect of the upgrades of a chain.
pub(crate) fn deeds<'a>(view: &ReplayView<'a>) -> impl Iterator<Item = Done<'a>> {
    let view = *view;
    let all = &found(view).deeds;
    all.iter().enumerate().map(move |(index, deed)| Done { view, index, deed })
}

/// Every effect on a table that others may use, on PostgreSQL.
pub(crate) fn blocking<'a>(
    view: &ReplayView<'a>,
    acts: &'static [Act],
) -> impl Iterator<Item = Done<'a>> {
    let is_postgres = view.dialect == Dialect::PostgreSql;
    deeds(view).filter(move |done| {
        is_postgres && !done.deed.is_new && acts.contains(&done.deed.effect.act)
    })
}

/// How the revisions of the chain run: in which transactions.
pub(crate) fn transactions(view: &ReplayView<'_>) -> Transactions {
    found(*view).transactions
}

fn found(view: ReplayView<'_>) -> &Found {
    view.deeds.0.get_or_init(|| {
        let transactions = Transactions::of(&view.context);
        let mut deeds = Vec::new();
        for (index, replayed) in view.replay.revisions.iter().enumerate() {
            of_upgrade(&view, index, replayed, transactions, &mut deeds);
        }
        Found { deeds, transactions }
    })
}

fn of_upgrade(
    view: &ReplayView<'_>,
    index: usize,
    replayed: &Replayed,
    transactions: Transactions,
    deeds: &mut Vec<Deed>,
) {
    let mut walk = Walk::new(transactions);
    let mut created: BTreeSet<ObjectName> = BTreeSet::new();
    let mut emptied: BTreeSet<ObjectName> = BTreeSet::new();
    for (step_index, step) in replayed.up.steps.iter().enumerate() {
        let transaction = walk.enter(step);
        for (sent_index, sent) in step.statements.iter().enumerate() {
            let statement = &sent.statement;
            if let Statement::CreateTable(table) = statement {
                created.insert(table.name.clone());
            }
            let is_sure = !step.is_uncertain && !sent.is_uncertain && sent.faults.is_empty();
            if let (Statement::Opaque(opaque), true) = (statement, is_sure)
                && let Some(effect) = of_operation(step, opaque)
            {
                let is_new = created.contains(&effect.table)
                    || is_made_in(view, replayed, &step.after, &effect);
                deeds.push(Deed {
                    replayed: index,
                    step: step_index,
                    sent: sent_index,
                    is_new,
                    is_emptied: emptied.contains(&effect.table),
                    effect,
                    transaction,
                });
            }
            if is_of_interest(statement) && is_sure {
                let schema = schema_before(replayed, step_index, sent_index);
                let existing_type = existing_type(step, view.dialect);
                let context = Context {
                    schema: &schema,
                    existing_type: existing_type.as_ref(),
                    version: view.context.postgres_version(),
                };
                for mut effect in effects(statement, context) {
                    if effect.table.name.is_empty() {
                        effect.table = table_of(step).unwrap_or(effect.table);
                    }
                    let is_new = created.contains(&effect.table)
                        || is_made_in(view, replayed, &schema, &effect);
                    let is_emptied = emptied.contains(&effect.table);
                    deeds.push(Deed {
                        replayed: index,
                        step: step_index,
                        sent: sent_index,
                        effect,
                        is_new,
                        is_emptied,
                        transaction,
                    });
                }
            }
            match statement {
                Statement::Other(other) if is_emptying(other) => {
                    emptied.extend(other.tables.iter().cloned());
                }
                Statement::AlterTable(alter) => renamed(alter, &mut emptied),
                _ => {}
            }
        }
        walk.leave(step);
    }
}

/// A table without rows has none under its new name either.
fn renamed(alter: &AlterTable, emptied: &mut BTreeSet<ObjectName>) {
    for action in &alter.actions {
        if let TableAction::RenameTo(name) = action
            && emptied.contains(&alter.table)
        {
            emptied.insert(ObjectName { name: name.name.clone(), ..alter.table.clone() });
        }
    }
}

/// Whether a statement takes every row of its tables away.
pub(crate) fn is_emptying(other: &sql::Other) -> bool {
    match other.effect {
        sql::Effect::Truncate => true,
        sql::Effect::Delete => {
            if other.is_whole {
                return true;
            }
            let words: Vec<&str> = other.text.split_whitespace().collect();
            let at = words.iter().position(|word| word.eq_ignore_ascii_case("WHERE"));
            let at = at.filter(|at| is_always(&words[at + 1..])).unwrap_or(words.len());
            let limits = ["WHERE", "USING", "LIMIT", "JOIN"];
            let is_limit = |word: &str| limits.iter().any(|one| word.contains(one));
            words.first().is_some_and(|word| word.eq_ignore_ascii_case("DELETE"))
                && !words[..at].iter().any(|word| is_limit(&word.to_ascii_uppercase()))
        }
        _ => false,
    }
}

/// The schema right before a statement.
fn schema_before(replayed: &Replayed, step: usize, sent: usize) -> Schema {
    let mut schema = replayed.up.before(step, &replayed.before).clone();
    let Some(step) = replayed.up.steps.get(step) else { return schema };
    for one in step.statements.iter().take(sent) {
        apply(&mut schema, &one.statement, step.id, one.place);
    }
    schema
}

/// The type that `existing_type=` gives.
fn existing_type(step: &Step, dialect: Dialect) -> Option<SqlType> {
    let value = step.operation.value("existing_type").filter(|value| !value.is_none())?;
    type_ddl(value, dialect).ok()
}

/// What an operation does of which only a name is not known: the lock does not depend on it.
fn of_operation(step: &Step, opaque: &sql::Opaque) -> Option<Effect> {
    let operation = &step.operation;
    let [table] = opaque.tables.as_deref()? else { return None };
    let mut others = operation.extra.iter().chain(&operation.arguments);
    if operation.open.is_some() || others.any(|(name, _)| name.starts_with("postgresql_")) {
        return None;
    }
    let act = match operation.kind {
        Kind::CreateIndex => Act::CreateIndex,
        Kind::CreateUniqueConstraint => Act::AddUnique,
        Kind::CreatePrimaryKey => Act::AddPrimaryKey,
        Kind::CreateCheckConstraint => Act::AddCheck,
        Kind::CreateForeignKey => Act::AddForeignKey,
        _ => return None,
    };
    let name = ["index_name", "constraint_name"].iter().find_map(|name| operation.value(name));
    let mut effect = Effect::of(act, table);
    effect.part = name.and_then(Value::as_str).map(Into::into);
    if let Some(other) = operation.value("referent_table").and_then(Value::as_str) {
        let schema = operation.value("referent_schema").and_then(Value::as_str);
        let other = ObjectName { schema: schema.map(Into::into), name: other.into() };
        effect.others.extend((other.name != table.name).then_some(other));
    }
    Some(effect)
}

/// The table that an operation names, where its statement does not.
fn table_of(step: &Step) -> Option<ObjectName> {
    let text = |name| step.operation.value(name).and_then(Value::as_str);
    Some(ObjectName { schema: text("schema").map(Into::into), name: text("table_name")?.into() })
}

/// Whether a step is of the revision itself, or of another that the base does not have either: what it made
/// nobody uses yet.
pub(crate) fn is_fresh(view: &ReplayView<'_>, replayed: &Replayed, step: StepId) -> bool {
    let standing = view.context.standing;
    view.replay.is_step_of(step, replayed.revision)
        || view.replay.place_of(step).is_some_and(|(revision, _)| standing.is_new(revision))
}

/// Whether the revision itself made the table, or the view, or one that is as new.
fn is_made_in(
    view: &ReplayView<'_>,
    replayed: &Replayed,
    schema: &Schema,
    effect: &Effect,
) -> bool {
    let is_own = |step: StepId| is_fresh(view, replayed, step);
    if let Some(table) = schema.table(&effect.table) {
        return table.is_created && is_own(table.made);
    }
    schema.view(&effect.table).is_some_and(|one| is_own(one.made))
}

impl<'a> Done<'a> {
    /// What is done.
    pub(crate) fn effect(&self) -> &'a Effect {
        &self.deed.effect
    }

    /// What PostgreSQL does on it.
    pub(crate) fn fact(&self) -> &'static Fact {
        self.deed.effect.act.fact()
    }

    /// Whether the table was made in the same revision, or in one that is as new.
    pub(crate) const fn is_new(&self) -> bool {
        self.deed.is_new
    }

    /// Whether the revision took every row away before.
    pub(crate) const fn is_emptied(&self) -> bool {
        self.deed.is_emptied
    }

    /// The number of its transaction within the revision; `None` where it runs outside of any.
    pub(crate) const fn transaction(&self) -> Option<u32> {
        self.deed.transaction
    }

    /// The revision as it was replayed.
    pub(crate) fn replayed(&self) -> &'a Replayed {
        &self.view.replay.revisions[self.deed.replayed]
    }

    /// The revision.
    pub(crate) fn revision(&self) -> &'a Revision {
        self.view.context.chain.get(self.replayed().revision)
    }

    /// The step.
    pub(crate) fn step(&self) -> &'a Step {
        &self.replayed().up.steps[self.deed.step]
    }

    /// The statement.
    pub(crate) fn sent(&self) -> &'a Sent {
        &self.step().statements[self.deed.sent]
    }

    /// The major version of PostgreSQL.
    pub(crate) fn postgres_version(&self) -> u32 {
        self.view.context.postgres_version()
    }

    /// The chain.
    pub(crate) const fn view(&self) -> &ReplayView<'a> {
        &self.view
    }

    /// The schema right before the statement.
    pub(crate) fn before(&self) -> Schema {
        schema_before(self.replayed(), self.deed.step, self.deed.sent)
    }

    /// The text of the revision file.
    pub(crate) fn text(&self) -> &'a str {
        self.view.context.sources.file(self.revision().file).text()
    }

    /// Whether a step of the same revision made something, or of one that is as new.
    pub(crate) fn is_own(&self, step: StepId) -> bool {
        is_fresh(&self.view, self.replayed(), step)
    }

    /// The revision that a step belongs to.
    pub(crate) fn maker(&self, step: StepId) -> Option<&'a Replayed> {
        self.view.replay.revisions.get(step.revision as usize)
    }

    /// Whether the revision itself, or one that is as new, makes a table, rather than meets it first.
    pub(crate) fn makes(&self, table: &Table) -> bool {
        table.is_created && self.is_own(table.made)
    }

    /// What the same upgrade does after it.
    pub(crate) fn later(&self) -> impl Iterator<Item = Done<'a>> {
        let (view, own) = (self.view, self.deed.replayed);
        let all = found(view).deeds.iter().enumerate().skip(self.index + 1);
        all.take_while(move |(_, deed)| deed.replayed == own).map(move |(index, deed)| Done {
            view,
            index,
            deed,
        })
    }

    /// What the same upgrade did before it, the last first.
    pub(crate) fn earlier(&self) -> impl Iterator<Item = Done<'a>> {
        let (view, own) = (self.view, self.deed.replayed);
        let all = found(view).deeds[..self.index].iter().enumerate().rev();
        all.take_while(move |(_, deed)| deed.replayed == own).map(move |(index, deed)| Done {
            view,
            index,
            deed,
        })
    }

    /// The statements that the same upgrade sent before it, the last first.
    pub(crate) fn statements_before(&self) -> impl Iterator<Item = &'a Statement> {
        let own = self.step().statements[..self.deed.sent].iter().rev();
        let steps = self.replayed().up.steps[..self.deed.step].iter().rev();
        own.chain(steps.flat_map(|step| step.statements.iter().rev())).map(|sent| &sent.statement)
    }

    /// The statements that the same upgrade sends after it.
    pub(crate) fn statements_after(&self) -> impl Iterator<Item = &'a Statement> {
        let own = self.step();
        let steps = &self.replayed().up.steps[self.deed.step + 1..];
        let rest = own.statements.iter().skip(self.deed.sent + 1);
        rest.chain(steps.iter().flat_map(|step| &step.statements)).map(|sent| &sent.statement)
    }

    /// Whether the statement says `IF EXISTS`, so that it may do nothing.
    pub(crate) fn is_guarded(&self) -> bool {
        let name = self.effect().part.as_ref();
        match &self.sent().statement {
            Statement::DropTable(drop) => drop.if_exists,
            Statement::DropIndex(drop) => drop.if_exists,
            Statement::AlterTable(alter) => {
                alter.if_exists
                    || alter.actions.iter().any(|action| match action {
                        TableAction::DropColumn { name: dropped, if_exists, .. } => {
                            *if_exists && Some(dropped) == name
                        }
                        TableAction::DropConstraint { name: dropped, if_exists, .. } => {
                            *if_exists && dropped.as_ref() == name
                        }
                        _ => false,
                    })
            }
            _ => false,
        }
    }

    /// Whether the same upgrade drops the table afterwards.
    pub(crate) fn is_dropped_later(&self) -> bool {
        let table = &self.effect().table;
        self.statements_after().any(|statement| match statement {
            Statement::DropTable(drop) => drop.names.contains(table),
            _ => false,
        })
    }

    /// Whether the same upgrade drops a column of the table afterwards.
    pub(crate) fn drops_column_later(&self, column: &str) -> bool {
        self.later().any(|later| {
            later.effect().act == Act::DropColumn
                && later.effect().table == self.effect().table
                && later.effect().part.as_deref() == Some(column)
        })
    }

    /// The table as messages write it.
    pub(crate) fn table(&self) -> String {
        shown(&self.effect().table)
    }

    /// Who waits, and for how long: "writes to `orders` wait while an index is built".
    pub(crate) fn wait(&self) -> String {
        let fact = self.fact();
        let table = self.table();
        let who = match fact.mode.waits() {
            Waits::Nobody => return format!("nobody who uses `{table}` waits"),
            Waits::Writes => format!("writes to `{table}` wait"),
            Waits::ReadsAndWrites => format!("reads and writes of `{table}` wait"),
        };
        format!("{who} {}", fact.work.words())
    }

    /// Where the statement stands, within the text that holds it.
    pub(crate) fn place(&self) -> Place {
        place_of(self.view.context.sources, self.sent(), self.view.dialect)
    }

    /// A finding about it.
    pub(crate) fn finding(&self, message: impl Into<String>) -> Finding {
        faults::finding(self.revision(), self.step(), self.place(), message)
    }

    /// The expression statement that is the call of the operation, where it stands alone in the
    /// revision's own file.
    pub(crate) fn call(&self) -> Option<Place> {
        let operation = &self.step().operation;
        let is_whole = operation.place == operation.entry && operation.batch.is_none();
        (is_whole && operation.place.file == self.revision().file).then_some(operation.place)
    }
}

/// The columns of an index, where all are plain and known.
pub(crate) fn index_columns(index: &sql::CreateIndex) -> Option<Vec<String>> {
    let Known::Literal(parts) = &index.parts else { return None };
    parts.iter().map(|part| part.column.as_ref().map(ToString::to_string)).collect()
}

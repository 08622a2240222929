//! `migrate-lint sql`: what `alembic upgrade --sql` prints.

mod environment;
mod rows;
mod text;

use std::ops::Range;
use std::path::Path;

use chain::{Plan, RevisionIndex, RowChange, Stage};
use schema::Kind;
use schema::render::Unanalysed;
use schema::replay::{Run, Step};
use sql::{Dialect, Statement};

use crate::Outcome;
use crate::arguments::SqlArguments;
use crate::replayed::One;
use environment::Options;

pub(crate) fn sql(arguments: &SqlArguments, config: Option<&Path>, directory: &Path) -> Outcome {
    match written(arguments, config, directory) {
        Ok(outcome) => outcome,
        Err(message) => Outcome::failed(&message),
    }
}

fn written(
    arguments: &SqlArguments,
    config: Option<&Path>,
    directory: &Path,
) -> Result<Outcome, String> {
    let one = One::read(&arguments.paths, &arguments.replay, config, directory)?;
    let plan = plan(&one, arguments.range.as_deref(), arguments.downgrade)?;
    if let Some(why) = refusal(&one, &plan) {
        return Err(why);
    }
    let mut writer = Writer {
        one: &one,
        dialect: one.replay().dialect,
        options: Options::of(&one),
        is_upgrade: !arguments.downgrade,
        out: String::new(),
    };
    writer.plan(&plan);
    Ok(one.outcome(writer.out))
}

/// What runs between the two ends of a range.
fn plan(one: &One, range: Option<&str>, is_downgrade: bool) -> Result<Plan, String> {
    let usual = if is_downgrade { "heads:base" } else { "base:heads" };
    let range = range.unwrap_or(usual);
    let (from, to) = match range.split_once(':') {
        Some(ends) => ends,
        None if is_downgrade => {
            return Err(format!("the way back needs both ends: `{range}:base`"));
        }
        None => ("base", range),
    };
    let chain = one.revisions();
    let resolve = |name: &str, above: &[RevisionIndex], below: &[RevisionIndex]| {
        chain.resolve(name, above, below).map_err(|why| one.unresolved(&why))
    };
    let from = resolve(from, &[], chain.heads())?.revisions;
    let is_above =
        |high: RevisionIndex, low: RevisionIndex| high == low || chain.is_ancestor(low, high);
    if is_downgrade {
        let to = resolve(to, &[], &from)?;
        let target = match to.revisions.as_slice() {
            [] => None,
            [target] => Some(*target),
            _ => return Err("a downgrade leads to one revision".to_owned()),
        };
        if target.is_some_and(|target| !from.iter().any(|&from| is_above(from, target))) {
            return Err(format!("no way down leads along `{range}`"));
        }
        return Ok(chain.downgrade_plan(&from, target, to.branch));
    }
    let to = resolve(to, &from, &[])?.revisions;
    let plan = chain.upgrade_plan(&from, &to);
    let is_backward = from.iter().any(|&from| !to.iter().any(|&to| is_above(to, from)));
    if plan.stages.is_empty() && is_backward {
        return Err(format!(
            "no way up leads along `{range}`\n  = help: the way back is written with --downgrade"
        ));
    }
    Ok(plan)
}

/// Why Alembic prints nothing: it loads no part of a chain without the rest. A stretch that keeps clear of what
/// is wrong is printed nevertheless.
fn refusal(one: &One, plan: &Plan) -> Option<String> {
    let chain = one.revisions();
    let error = chain.load_error()?;
    let is_run = |revision: &RevisionIndex| plan.stages.iter().any(|at| at.revision == *revision);
    let revisions = error.revisions();
    if !revisions.iter().any(is_run) && !chain.heads().iter().all(is_run) {
        return None;
    }
    let path = one.path(*revisions.first()?);
    Some(format!(
        "{path}: {error}, so it prints nothing\n  = help: `migrate-lint check` says what is wrong"
    ))
}

struct Writer<'a> {
    one: &'a One,
    dialect: Dialect,
    options: Options,
    is_upgrade: bool,
    out: String,
}

impl Writer<'_> {
    fn plan(&mut self, plan: &Plan) {
        let is_transactional = self.is_transactional();
        let per_revision = self.options.per_revision;
        if is_transactional && !per_revision {
            self.put("BEGIN;");
        }
        for stage in &plan.stages {
            if is_transactional && per_revision {
                self.put("BEGIN;");
            }
            self.stage(stage);
            if is_transactional && per_revision {
                self.put("COMMIT;");
            }
        }
        if is_transactional && !per_revision {
            self.put("COMMIT;");
        }
    }

    fn is_transactional(&self) -> bool {
        self.options.transactional_ddl.unwrap_or(self.dialect == Dialect::PostgreSql)
    }

    fn put(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push_str("\n\n");
    }

    /// A statement as Alembic prints it: tabs are blanks, and a semicolon ends it, whatever is there
    /// already.
    fn statement(&mut self, text: &str) {
        let text = text.replace('\t', "    ");
        self.put(&format!("{};", text.trim()));
    }

    fn stage(&mut self, stage: &Stage) {
        if stage.is_first {
            let table = self.options.version_table(self.dialect);
            self.statement(&table);
        }
        let chain = self.one.revisions();
        let name = self.one.name(stage.revision);
        let down = chain[stage.revision].down_revisions().collect::<Vec<_>>().join(", ");
        let line = if self.is_upgrade {
            format!("-- Running upgrade {down} -> {name}")
        } else {
            format!("-- Running downgrade {name} -> {down}")
        };
        self.put(&line);
        let replayed = self.one.replay().replay.get(stage.revision);
        let run = replayed.and_then(|replayed| {
            if self.is_upgrade { Some(&replayed.up) } else { replayed.down.as_ref() }
        });
        match run {
            Some(run) => self.run(stage.revision, run),
            None => self.put("-- not analysed: there is no function to run"),
        }
        for change in &stage.rows {
            self.row(*change);
        }
    }

    fn run(&mut self, revision: RevisionIndex, run: &Run) {
        for line in Unanalysed::lines(&self.one.unanalysed_in(revision, run)) {
            self.put(&format!("-- not analysed: {line}"));
        }
        // Alembic commits before an `autocommit_block()`, and begins anew after it.
        let blocks: &[_] = if self.is_transactional() { &run.autocommit } else { &[] };
        for at in 0..=run.steps.len() {
            let is_empty = |block: &&Range<usize>| block.is_empty() && block.start == at;
            for _ in blocks.iter().filter(|block| !block.is_empty() && block.end == at) {
                self.put("BEGIN;");
            }
            for _ in blocks.iter().filter(is_empty) {
                self.put("COMMIT;");
                self.put("BEGIN;");
            }
            for _ in blocks.iter().filter(|block| !block.is_empty() && block.start == at) {
                self.put("COMMIT;");
            }
            if let Some(step) = run.steps.get(at) {
                self.step(step);
            }
        }
        if let Some(crash) = &run.crash {
            self.put(&format!("-- `{}` is raised here: nothing after it runs", crash.exception));
        }
    }

    fn step(&mut self, step: &Step) {
        if step.operation.raises() || step.refusals.iter().any(is_raised) {
            self.put("-- Alembic raises an error here: nothing is sent");
            return;
        }
        if step.is_uncertain {
            self.put("-- only if something holds that is not known:");
        }
        if step.operation.kind == Kind::BulkInsert {
            match rows::written(&step.operation, self.dialect) {
                Some(rows) => rows.iter().for_each(|row| self.statement(row)),
                None => {
                    self.put("-- not written: rows of a `bulk_insert` that are no plain values");
                }
            }
            return;
        }
        if let Some(text) = text::given(step, self.dialect, self.options.has_literal_binds) {
            self.statement(&text);
            return;
        }
        for sent in &step.statements {
            match &sent.statement {
                Statement::Opaque(opaque) => self.put(&format!("-- not written: {}", opaque.why)),
                statement => match statement.written(self.dialect) {
                    text if text.trim().is_empty() => {
                        self.put("-- not written: a statement that changes no table, only rows");
                    }
                    text => self.statement(&text),
                },
            }
        }
    }

    /// A revision of which only a run would tell what it is called or what it follows.
    fn unknown(&self, change: RowChange) -> Option<RevisionIndex> {
        let chain = self.one.revisions();
        named(change).into_iter().find(|&one| {
            let revision = &chain[one];
            revision.id_text().is_none()
                || revision.down_revision.is_dynamic()
                || revision.depends_on.is_dynamic()
        })
    }

    fn row(&mut self, change: RowChange) {
        if let Some(revision) = self.unknown(change) {
            let name = self.one.name(revision);
            self.put(&format!(
                "-- not written: the row of the version table, as an identifier of `{name}` is computed at run time"
            ));
            return;
        }
        let table = self.options.table(self.dialect);
        let text = match change {
            RowChange::Insert(revision) => {
                let returning = match self.dialect {
                    Dialect::PostgreSql => format!(" RETURNING {table}.version_num"),
                    Dialect::Sqlite => " RETURNING version_num".to_owned(),
                    Dialect::MySql => String::new(),
                };
                let returning = if self.options.has_key { returning } else { String::new() };
                let id = self.one.name(revision);
                format!("INSERT INTO {table} (version_num) VALUES ('{id}'){returning}")
            }
            RowChange::Update { from, to } => {
                let (from, to) = (self.one.name(from), self.one.name(to));
                format!(
                    "UPDATE {table} SET version_num='{to}' WHERE {table}.version_num = '{from}'"
                )
            }
            RowChange::Delete(revision) => {
                let id = self.one.name(revision);
                format!("DELETE FROM {table} WHERE {table}.version_num = '{id}'")
            }
        };
        self.statement(&text);
    }
}

/// The revisions whose ids a change of the version table writes.
fn named(change: RowChange) -> [RevisionIndex; 2] {
    match change {
        RowChange::Insert(one) | RowChange::Delete(one) => [one, one],
        RowChange::Update { from, to } => [from, to],
    }
}

fn is_raised(fault: &schema::replay::InvalidOperation) -> bool {
    matches!(fault.outcome, schema::replay::Outcome::Raises(_))
}

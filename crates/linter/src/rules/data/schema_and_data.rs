//! `schema-and-data`

use diagnostics::Level;
use schema::Kind;
use sql::{Effect, Statement};

use crate::deeds::deeds;
use crate::rule::rule;
use crate::{Check, Fixes, Group, ReplayView, Reporter, Rule};

rule! {
    /// A revision changes the schema and the rows of tables that others may be using.
    ///
    /// ## Why it matters
    /// The locks of the one last as long as the other takes, and where one fails both have to be run again.
    ///
    /// ## What to do
    /// Two revisions: the schema first, then the rows.
    ///
    /// ## When it stays silent
    /// About rows of tables that the revision itself makes.
    pub(crate) static SCHEMA_AND_DATA = Rule {
        name: "schema-and-data",
        group: Group::Data,
        level: Level::Info,
        is_default: false,
        fixes: Fixes::None,
        summary: "the schema and rows change in one revision",
        check: Check::Replay(check),
    };
}

fn check(view: &ReplayView<'_>, report: &mut Reporter<'_>) {
    let mut told = None;
    for done in deeds(view).filter(|done| !done.is_new()) {
        let replayed = done.replayed();
        if told == Some(replayed.revision) {
            continue;
        }
        // A batch block copies the rows of its table, and changes none.
        let steps = replayed.up.steps.iter().filter(|step| {
            !step.is_uncertain
                && matches!(
                    step.operation.kind,
                    Kind::Execute | Kind::BulkInsert | Kind::Invoke | Kind::RunAsync
                )
        });
        let mut sent = steps.flat_map(|step| step.statements.iter().map(move |sent| (step, sent)));
        let rows = sent.find(|(step, sent)| match &sent.statement {
            Statement::Other(other) => {
                let effects = [Effect::Insert, Effect::Update, Effect::Delete];
                effects.contains(&other.effect)
                    && other
                        .tables
                        .iter()
                        .any(|table| step.after.table(table).is_none_or(|table| !done.makes(table)))
            }
            _ => false,
        });
        let Some((_, rows)) = rows else { continue };
        told = Some(replayed.revision);
        let message = "the schema changes here, and rows in the same revision";
        let finding = done.finding(message).related(rows.place, "rows are changed here");
        report.report(finding.help("change the rows in a revision of their own"));
    }
}

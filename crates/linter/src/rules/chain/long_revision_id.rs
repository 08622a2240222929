//! `long-revision-id`

use chain::Chain;
use diagnostics::Level;

use crate::ids::edits::Renamer;
use crate::rule::rule;
use crate::{ChainView, Check, Finding, Fixes, Group, Reporter, Rule, ids};

rule! {
    /// A revision id of more than 32 characters.
    ///
    /// ## Why it matters
    /// The column `alembic_version.version_num` is a `VARCHAR(32)`. SQLite does not mind, so the
    /// tests pass; PostgreSQL refuses a longer id with `value too long for type character
    /// varying(32)`, and MySQL in its strict mode with `Data too long for column 'version_num'`: the
    /// deployment fails at the last statement of the revision.
    ///
    /// ## What to do
    /// Shorten the id. It need not describe the change; the message and the file name do.
    ///
    /// ## When it stays silent
    /// Where `env.py` or a revision of the chain names `version_num` or `version_table_impl`, which
    /// is how the column is made wider; where an `env.py` leaves the set-up to another module; and
    /// where `dialects` names nothing but SQLite.
    pub(crate) static LONG_REVISION_ID = Rule {
        name: "long-revision-id",
        group: Group::Chain,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::Unsafe,
        summary: "a revision id that does not fit into `alembic_version.version_num`",
        check: Check::Chain(check),
    };
}

fn check(view: &ChainView<'_>, report: &mut Reporter<'_>) {
    let chain = view.chain;
    let is_long =
        |id: &str| id.len() > ids::MOST_CHARACTERS && id.chars().count() > ids::MOST_CHARACTERS;
    let long = chain.iter().filter(|(_, revision)| revision.id_text().is_some_and(is_long));
    let mut long = long.peekable();
    if long.peek().is_none() || may_be_wider(view, chain) {
        return;
    }
    let renamer = Renamer::new(view);
    for (index, revision) in long {
        let id = revision.id_text().unwrap_or_default();
        let count = id.chars().count();
        let message = format!(
            "the revision id `{id}` has {count} characters, and `alembic_version.version_num` holds {}",
            ids::MOST_CHARACTERS
        );
        let finding = Finding::at(revision.id_place(), message)
            .help(format!(
                "shorten it to {} characters or fewer; a database that stands at it is stamped again",
                ids::MOST_CHARACTERS
            ))
            .revision(Some(id))
            .fix(renamer.fix(index));
        report.report(finding);
    }
}

/// Whether the project may have made the column wider.
fn may_be_wider(view: &ChainView<'_>, chain: &Chain) -> bool {
    let is_named =
        |text: &str| ["version_num", "version_table_impl"].iter().any(|name| text.contains(name));
    if let Some(env) = view.env {
        let text = view.sources.file(env.file).text();
        if is_named(text) || !text.contains("configure(") {
            return true;
        }
    }
    let mut modules = view.modules();
    if modules.any(|(file, _)| is_named(view.sources.file(file).text())) {
        return true;
    }
    let dialects = &view.settings.dialects;
    let is_sqlite_only = !dialects.is_empty() && dialects.iter().all(|dialect| dialect == "sqlite");
    is_sqlite_only
        || chain
            .revisions()
            .iter()
            .any(|revision| is_named(view.sources.file(revision.file).text()))
}

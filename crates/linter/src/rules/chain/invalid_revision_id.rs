//! `invalid-revision-id`

use diagnostics::Level;
use revision::{Id, Revision};

use crate::ids::edits::Renamer;
use crate::rule::rule;
use crate::wording::listed;
use crate::{ChainView, Check, Finding, Fixes, Group, Reporter, Rule};

rule! {
    /// A revision id that Alembic refuses, or cannot tell from something else.
    ///
    /// ## Why it matters
    /// `@`, `-`, `+` and, since Alembic 1.17.1, `:` mean something on the command line
    /// (`branch@head`, `-1`, `+2`, `a:b`). An id with one of them ends every command with
    /// `Character(s) … not allowed in revision identifier`. A quote passes, until the id is written
    /// unescaped into the `UPDATE alembic_version …` of an upgrade. `head`, `heads`, `base` and
    /// `current` pass too, but whoever names them gets something else. An id that is no string ends
    /// every command with a `TypeError`.
    ///
    /// ## What to do
    /// Give the revision another id, such as `alembic revision` makes. A database that stands at
    /// the old id has to be stamped with the new one.
    pub(crate) static INVALID_REVISION_ID = Rule {
        name: "invalid-revision-id",
        group: Group::Chain,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::Unsafe,
        summary: "a revision id that Alembic refuses or misunderstands",
        check: Check::Chain(check),
    };
}

fn check(view: &ChainView<'_>, report: &mut Reporter<'_>) {
    let renamer = Renamer::new(view);
    for (index, revision) in view.chain.iter() {
        let Some(why) = fault(revision) else { continue };
        let finding = Finding::at(revision.id_place(), why)
            .help("give it an id of letters and digits, as `alembic revision` does")
            .revision(revision.id_text());
        report.report(finding.fix(renamer.fix(index)));
    }
}

fn fault(revision: &Revision) -> Option<String> {
    if let Id::NotText(_) = revision.id {
        return Some(
            "`revision` is not a string, so every command dies with a `TypeError`".to_owned(),
        );
    }
    let id = revision.id_text()?;
    let illegal: Vec<char> =
        ['+', '-', ':', '@'].into_iter().filter(|&sign| id.contains(sign)).collect();
    if id.contains(':') && illegal.len() == 1 {
        return Some(format!("Alembic 1.17.1 and later refuse the revision id `{id}` for its `:`"));
    }
    if !illegal.is_empty() {
        return Some(format!(
            "Alembic refuses the revision id `{id}` for its {}",
            listed(&illegal)
        ));
    }
    if id.is_empty() {
        return Some("the revision id is empty, so nothing can name the revision".to_owned());
    }
    if id.contains(['\'', '"', '\\']) {
        return Some(format!(
            "the revision id `{id}` breaks the SQL that it is written into unescaped"
        ));
    }
    if matches!(id, "head" | "heads" | "base" | "current") {
        return Some(format!(
            "the revision id `{id}` is a word that Alembic takes for something else"
        ));
    }
    None
}

//! What `migrate-lint rebase` and `migrate-lint merge` do to a chain.

use diagnostics::{Diagnostic, Fix, Level, Place};

use crate::ids::{duplicates, numbering};
use crate::links::broken::described;
use crate::links::heads::forks;
use crate::links::rebase::plan;
use crate::new_revision::create_date::newest;
use crate::wording::listed;
use crate::{ChainView, Loaded, LoadedChain, Made, new_revision};

/// What a repair would do, and what it would not.
#[derive(Debug, Default)]
pub struct Repair {
    /// Each with a fix whose title says what is done.
    pub diagnostics: Vec<Diagnostic>,
    /// One sentence each, lower case, no full stop.
    pub refused: Vec<String>,
}

/// Puts the revisions that are new against the base onto its heads.
pub fn rebase(loaded: &Loaded) -> Repair {
    let mut repair = Repair::default();
    for chain in &loaded.chains {
        repair_chain(chain, &chain.view(loaded), &mut repair);
    }
    repair
}

fn repair_chain(loaded: &LoadedChain, view: &ChainView<'_>, repair: &mut Repair) {
    let chain = view.chain;
    let name = &loaded.environment.name;
    let id = |index| chain[index].id_text().unwrap_or_default();
    // Two revisions of one id have to be told apart before either can be put anywhere.
    let renumbered = numbering::renumbering(view);
    let renamed = renumbered.map_or_else(|| duplicates::fixes(view), |fix| vec![fix]);
    if !renamed.is_empty() {
        repair.diagnostics.extend(
            renamed
                .into_iter()
                .map(|(place, fix)| diagnostic("stale-down-revision", name, place, fix)),
        );
        return;
    }
    let Some(plan) = plan(view) else { return };
    for step in &plan.moves {
        let Some(edits) = step.edits(view) else {
            let why = "its `down_revision` is computed";
            repair.refused.push(format!("`{}` was not re-pointed: {why}", id(step.revision)));
            continue;
        };
        let title = format!(
            "`{}` ({}) revises `{}` and no longer `{}`",
            id(step.revision),
            chain[step.revision].file_name,
            id(step.onto),
            id(step.from)
        );
        let place = chain[step.revision].place(step.link(chain).span);
        let fix = Fix::safe(title, edits);
        repair.diagnostics.push(diagnostic("stale-down-revision", name, place, fix));
    }
    for (head, why) in &plan.refused {
        repair.refused.push(format!(
            "the line that ends in `{}`, {}, was not re-pointed: {why}",
            id(*head),
            described(&chain[*head])
        ));
    }
    repair.refused.extend(frozen(view));
}

/// Forks of which no side is new.
fn frozen(view: &ChainView<'_>) -> Vec<String> {
    let Some(base) = &view.standing.base else { return Vec::new() };
    let frozen = forks(view).into_iter().filter_map(|heads| {
        let merged: Vec<_> = heads.iter().copied().filter(|&head| base.has(head)).collect();
        let names = merged.iter().map(|&head| view.chain[head].id_text().unwrap_or_default());
        (merged.len() > 1).then(|| {
            format!(
                "{} are on `{}`, where databases may have run them: one that has run both would \
                 fail at every upgrade if one came before the other; join them with `migrate-lint \
                 merge`",
                listed(names),
                base.name()
            )
        })
    });
    frozen.collect()
}

/// Writes a merge for every fork.
pub fn merge(loaded: &Loaded, made: &dyn Fn(Option<&str>) -> Result<Made, String>) -> Repair {
    let mut repair = Repair::default();
    for chain in &loaded.chains {
        let view = chain.view(loaded);
        for heads in forks(&view) {
            let head = newest(view.chain, &heads).unwrap_or(heads[0]);
            let made = match made(chain.environment.timezone.as_deref()) {
                Ok(made) => made,
                Err(why) => {
                    repair.refused.push(why);
                    continue;
                }
            };
            match new_revision::merge(&view, &heads, head, Some(&made)) {
                Some(fix) => {
                    let place = view.chain[head].down_revision_place();
                    let name = &chain.environment.name;
                    repair.diagnostics.push(diagnostic("multiple-heads", name, place, fix));
                }
                None => repair.refused.push(
                    "the heads were not merged: an id is computed, cannot be written, or is part of \
                     a cycle"
                        .to_owned(),
                ),
            }
        }
    }
    repair
}

/// The ids that this branch's revisions name and that are on the base only, so that it must be
/// merged next; each with the name of the base.
pub fn awaited(loaded: &Loaded) -> Vec<(String, String)> {
    let mut awaited = Vec::new();
    for chain in &loaded.chains {
        let Some(base) = &chain.standing.base else { continue };
        for index in chain.chain.indices().filter(|&index| !base.has(index)) {
            for down in chain.chain.down(index).filter(|&down| base.brings(down)) {
                let id = chain.chain[down].id_text().unwrap_or_default();
                awaited.push((id.to_owned(), base.name().to_owned()));
            }
        }
    }
    awaited.sort();
    awaited.dedup();
    awaited
}

fn diagnostic(rule: &'static str, chain: &str, place: Place, fix: Fix) -> Diagnostic {
    Diagnostic {
        rule,
        group: "chain",
        level: Level::Error,
        place,
        message: fix.title.clone(),
        help: None,
        related: Vec::new(),
        revision: None,
        chain: Some(chain.to_owned()),
        fix: Some(fix),
    }
}

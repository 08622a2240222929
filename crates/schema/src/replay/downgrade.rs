//! Runs the downgrade of a revision on what its upgrade left, and judges it.

use std::collections::BTreeSet;

use diagnostics::Place;

use super::driver::{Input, Modules, Upgraded};
use super::functions::{Interpreters, call, load};
use super::host::{Replaying, State};
use super::result::Run;
use crate::restore::{Verdict, is_determined, verdict};
use crate::state::Schema;

/// What was found of a downgrade.
pub(super) struct Downgraded {
    pub(super) down: Option<Run>,
    /// The upgrade once more, on what the downgrade left.
    pub(super) up_again: Option<Run>,
    pub(super) verdict: Verdict,
    /// Where the steps of all runs stand.
    pub(super) places: Vec<Place>,
}

impl Downgraded {
    /// There is none, or nothing is known of it.
    pub(super) const fn unknown(places: Vec<Place>) -> Self {
        Self { down: None, up_again: None, verdict: Verdict::Unknown, places }
    }
}

/// Runs a downgrade; where the application raises an error, with all imports done.
pub(super) fn downgrade<'t>(
    input: &Input<'t>,
    engine: Option<&str>,
    position: usize,
    upgraded: &Upgraded,
    interpreters: &mut Interpreters<'t>,
    modules: &Modules<'_, 't>,
) -> Downgraded {
    let revision = input.chain.get(upgraded.revision);
    if !upgraded.is_loaded || revision.downgrade().is_missing() {
        return Downgraded::unknown(upgraded.places.clone());
    }
    let mut run =
        |is_eager| run(input, engine, position, upgraded, is_eager, interpreters, modules);
    match run(upgraded.is_eager) {
        (_, true) if !upgraded.is_eager => run(true).0,
        (downgraded, _) => downgraded,
    }
}

/// Also says whether something raised an error that is not one of the migration.
fn run<'t>(
    input: &Input<'t>,
    engine: Option<&str>,
    position: usize,
    upgraded: &Upgraded,
    is_eager: bool,
    interpreters: &mut Interpreters<'t>,
    modules: &Modules<'_, 't>,
) -> (Downgraded, bool) {
    let revision = input.chain.get(upgraded.revision);
    let models = std::mem::take(&mut interpreters.models);
    let interpreter = interpreters.get(is_eager);
    let end = &upgraded.up.end;
    let state = State::new(end.clone(), BTreeSet::new());
    let mut host =
        Replaying::new(input, revision.file, position, state, upgraded.places.clone(), modules);
    *host.models() = models;
    host.watch(revision.file, &upgraded.guards);
    let Ok(module) = load(interpreter, &mut host, revision) else {
        interpreters.models = std::mem::take(host.models());
        return (Downgraded::unknown(host.places), host.has_raised);
    };
    host.begin(end.clone());
    let down = call(interpreter, &mut host, &module, engine, "downgrade");
    let verdict = verdict(&upgraded.before, &upgraded.up, &down);
    let up_again = left(upgraded, &down, &verdict).map(|end| {
        host.begin(end);
        call(interpreter, &mut host, &module, engine, "upgrade")
    });
    interpreter.forget(&module);
    interpreters.models = std::mem::take(host.models());
    let has_raised = host.has_raised;
    (Downgraded { down: Some(down), up_again, verdict, places: host.places }, has_raised)
}

/// What a downgrade leaves, where the upgrade may not do the same on it again: where it differs from
/// what the upgrade found, or is not wholly known.
fn left(upgraded: &Upgraded, down: &Run, verdict: &Verdict) -> Option<Schema> {
    let is_same = matches!(verdict, Verdict::Restores)
        && is_determined(&upgraded.up)
        && is_determined(down)
        && upgraded.before.is_sure_of_changes(&upgraded.up.end);
    (down.crash.is_none() && !is_same).then(|| down.end.clone())
}

//! What a rule is, all rules, running them, suppressions and fixes.

mod base;
mod deeds;
mod faults;
mod fixes;
mod ids;
mod links;
mod load;
mod new_revision;
mod repair;
mod replay;
mod rule;
mod rules;
mod run;
mod selection;
mod settings;
mod spelling;
mod suppressions;
mod syntax;
mod view;
mod wording;

pub use base::{Against, Base, BaseName, Scope, Standing, staged};
pub use deeds::{Deeds, facts};
pub use faults::Misordered;
pub use fixes::{Applied, Change, FixMode, Outcome, WriteError, apply, changes, write};
pub use load::{
    ChainSettings, Loaded, LoadedChain, Overlay, Problem, load, load_chains, on_pool, unparsed,
};
pub use new_revision::{Made, NewRevision, Written, new_revision, random_id};
pub use repair::{Repair, awaited, merge, rebase};
pub use replay::{ChainReplay, Evidence, Server, Version, replayed};
pub use rule::{Check, Fixes, Group, Rule};
pub use rules::RULES;
pub use run::{Linted, lint};
pub use selection::{Selector, UnknownSelector, rule_named};
pub use settings::{Allowance, Baseline, DowngradePolicy, FileGlob, PerFileIgnore, Settings};
pub use spelling::nearest;
pub use suppressions::ignoring;
pub use view::{
    ChainView, EnvFile, Finding, ModelsView, ReplayView, Reporter, RevisionView, SuppressionView,
};

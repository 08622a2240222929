//! What a rule is, all rules, running them, suppressions and fixes.

mod base;
mod broken;
mod create_date;
mod duplicates;
mod edits;
mod faults;
mod file_names;
mod fixes;
mod heads;
mod ids;
mod ignoring;
mod links;
mod load;
mod merge;
mod modules;
mod new_revision;
mod numbering;
mod overlay;
mod own_modules;
mod rebase;
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
mod template;
mod unparsed;
mod view;

pub use base::{Against, Base, BaseName, Scope, Standing, staged};
pub use create_date::Made;
pub use fixes::{Applied, Change, FixMode, Outcome, WriteError, apply, changes, write};
pub use ignoring::ignoring;
pub use load::{ChainSettings, Loaded, LoadedChain, Problem, load, load_chains, on_pool};
pub use new_revision::{NewRevision, Written, new_revision, random_id};
pub use overlay::Overlay;
pub use repair::{Repair, awaited, merge, rebase};
pub use replay::{ChainReplay, dialects_of, replayed};
pub use rule::{Check, Fixes, Group, Rule};
pub use rules::RULES;
pub use run::{Linted, lint};
pub use selection::{Selector, UnknownSelector, rule_named};
pub use settings::{Baseline, DowngradePolicy, PerFileIgnore, Settings};
pub use spelling::nearest;
pub use unparsed::unparsed;
pub use view::{
    ChainView, EnvFile, Finding, ModelsView, ReplayView, Reporter, RevisionView, SuppressionView,
};

//! What a statement does to whoever else uses the database: which lock it takes on which table, who
//! waits for it, and for how long.

mod act;
mod alter;
mod change;
mod effects;
mod fact;
mod facts;
mod maintenance;
mod mode;
mod online;
mod retype;
mod trials;

pub use act::Act;
pub use change::{Change, change};
pub use effects::{Context, Effect, effects, is_of_interest};
pub use fact::{Fact, Source};
pub use facts::FACTS;
pub use mode::{Mode, Waits, Work};
pub use online::{Needs, ONLINE, Online};
pub use trials::{Trial, trial};

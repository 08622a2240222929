//! Where the chains, the models and the settings of Alembic are.

mod environment;
mod ini;
mod interpolate;
mod pyproject;

pub use environment::{
    ConfigFault, ConfigFile, DEFAULT_FILE_TEMPLATE, DEFAULT_SLUG_LENGTH, Environment, Problem,
};
pub use ini::{Ini, IniError, IniErrorKind, Item, Section};
pub use interpolate::InterpolationError;
pub use pyproject::{FormatError, Pyproject, TomlItem, TomlValue, percent_format};

//! Where the chains, the models and the settings of Alembic are.

mod configure;
mod environment;
mod files;
mod find;
mod imports;
mod ini;
mod interpolate;
mod load;
mod merge;
mod models;
mod modules;
mod options;
mod paths;
mod pyproject;
mod resolve;
mod separator;
mod settings;
mod walk;

pub use environment::{
    ConfigFault, ConfigFile, DEFAULT_FILE_TEMPLATE, DEFAULT_SLUG_LENGTH, Environment, Problem,
};
pub use files::{RevisionFiles, is_revision_name, revision_files, unread_folders};
pub use find::{Found, find, find_instead};
pub use imports::{Import, TargetMetadata, imports, target_metadata};
pub use ini::{Ini, IniError, IniErrorKind, Item, Section};
pub use interpolate::InterpolationError;
pub use models::{declaring_files, files_matching, looks_like_models};
pub use modules::{ImportSearch, module_roots, project_root};
pub use paths::identity;
pub use pyproject::{FormatError, Pyproject, TomlItem, TomlValue, percent_format};
pub use separator::{parse_separator, split_paths};

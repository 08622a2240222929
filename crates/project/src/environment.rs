//! An Alembic environment: one chain, its settings and where they were read.

use std::path::{Path, PathBuf};

use diagnostics::{FileId, Fix, Place};

/// One Alembic environment, found through a configuration or by its folders.
///
/// Paths are relative to the working directory where the paths searched were given so.
#[derive(Clone, Debug)]
pub struct Environment {
    /// How output calls its chain: the script directory, with the ini section where that is not
    /// `alembic`; unique among the environments found together.
    pub name: String,
    /// The configuration files, the ones that decide first; none where only folders were found.
    pub configs: Vec<ConfigFile>,
    /// The folder of `env.py`; for a bare versions folder, its parent. It may not exist, which
    /// is then a fault.
    pub script_dir: PathBuf,
    /// The folders of revision files that exist, in the order Alembic loads them.
    pub version_dirs: Vec<PathBuf>,
    /// Whether folders within the version folders hold revisions too.
    pub recursive: bool,
    /// The environment script, where there is one.
    pub env_py: Option<PathBuf>,
    /// Environment scripts of other configurations over the same version folders.
    pub other_env_py: Vec<PathBuf>,
    /// Name template of new revision files, without `.py`.
    pub file_template: String,
    /// Greatest length in characters of the message within a file name.
    pub truncate_slug_length: usize,
    /// Time zone of `Create Date`, as configured.
    pub timezone: Option<String>,
    /// Folders put on Python's path, existing or not.
    pub prepend_sys_path: Vec<PathBuf>,
    /// The folder that relative paths of the configuration were found to be relative to.
    pub working_dir: PathBuf,
    /// Databases of the multidb template, as configured.
    pub databases: Vec<String>,
    /// What Alembic would reject or misread.
    pub faults: Vec<ConfigFault>,
    /// What is worth knowing about how it was read: one sentence each, lower case, no full stop.
    pub notes: Vec<String>,
}

/// A configuration file of an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFile {
    /// The file within the sources.
    pub file: FileId,
    /// Its path.
    pub path: PathBuf,
    /// The ini section read; `None` for `pyproject.toml`.
    pub section: Option<String>,
}

/// An option that Alembic rejects, or reads otherwise than it looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFault {
    /// The value, key or line at fault.
    pub place: Place,
    /// One sentence, lower case, no full stop, objects in backticks.
    pub message: String,
    /// The one right thing to do.
    pub help: Option<String>,
    /// The edits that mend it, where they are sure.
    pub fix: Option<Fix>,
}

/// Something that could not be looked at, so that a clean result would say too much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file or folder.
    pub path: PathBuf,
    /// One sentence, lower case, no full stop.
    pub message: String,
}

/// Alembic's default for `file_template`.
pub const DEFAULT_FILE_TEMPLATE: &str = "%(rev)s_%(slug)s";
/// Alembic's default for `truncate_slug_length`, in characters.
pub const DEFAULT_SLUG_LENGTH: usize = 40;

impl Environment {
    /// An environment of Alembic's defaults, found by its folders alone.
    pub(crate) fn bare(script_dir: PathBuf, working_dir: PathBuf) -> Self {
        Self {
            name: String::new(),
            configs: Vec::new(),
            script_dir,
            version_dirs: Vec::new(),
            recursive: false,
            env_py: None,
            other_env_py: Vec::new(),
            file_template: DEFAULT_FILE_TEMPLATE.to_owned(),
            truncate_slug_length: DEFAULT_SLUG_LENGTH,
            timezone: None,
            prepend_sys_path: Vec::new(),
            working_dir,
            databases: Vec::new(),
            faults: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// The path by which output names the environment: its first version folder, else its
    /// script directory.
    pub fn path(&self) -> &Path {
        self.version_dirs.first().unwrap_or(&self.script_dir)
    }

    /// The file that a diagnostic about the whole environment can point at: its first
    /// configuration file.
    pub fn config_file(&self) -> Option<FileId> {
        self.configs.first().map(|config| config.file)
    }
}

impl ConfigFault {
    pub(crate) fn new(place: Place, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { place, message: message.into(), help: Some(help.into()), fix: None }
    }

    pub(crate) fn with_fix(mut self, fix: Option<Fix>) -> Self {
        self.fix = fix;
        self
    }
}

impl Problem {
    pub(crate) fn new(path: impl Into<PathBuf>, message: impl Into<String>) -> Self {
        Self { path: path.into(), message: message.into() }
    }
}

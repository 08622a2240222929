//! `[tool.migrate-lint]` of pyproject.toml, or `migrate-lint.toml`: found, read, checked.

mod allow;
mod file;

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use diagnostics::Level;
use globset::GlobMatcher;
use linter::{
    Allowance, Baseline, DowngradePolicy, FileGlob, PerFileIgnore, Selector, Settings, Version,
};
use project::{Environment, identity};
use toml::de::DeTable;

use file::File;

/// Names of the configuration file, the one that decides first.
const FILE_NAMES: [&str; 2] = ["migrate-lint.toml", "pyproject.toml"];

/// A configuration file as it is written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Config {
    /// The file; `None` for the defaults.
    path: Option<PathBuf>,
    options: Options,
    chains: Vec<ChainOverride>,
}

/// What can be set for all chains, and again for one.
#[derive(Clone, Debug, Default)]
struct Options {
    select: Option<Vec<Selector>>,
    ignore: Vec<Selector>,
    levels: Vec<(Selector, Option<Level>)>,
    per_file_ignores: Vec<(GlobMatcher, Vec<Selector>)>,
    heads: Option<Vec<String>>,
    downgrades: Option<DowngradePolicy>,
    dialects: Option<Vec<String>>,
    postgres_version: Option<u32>,
    mysql_version: Option<Version>,
    baseline: Option<Baseline>,
    models: Option<Vec<String>>,
    linear_after: Option<String>,
    reserved_attribute_prefix: Option<String>,
    base: Option<String>,
    is_all: Option<bool>,
    since: Option<String>,
    allow: Vec<Allowance>,
    allow_changed: Vec<String>,
    /// What is worth knowing of it: one sentence each, lower case.
    notes: Vec<String>,
    diagnostics_baseline: Option<PathBuf>,
}

/// What the configuration says about what is new.
#[derive(Clone, Debug, Default)]
pub(crate) struct ConfiguredStanding {
    /// `base`
    pub(crate) base: Option<String>,
    /// `scope = "all"`
    pub(crate) is_all: bool,
    /// `since`
    pub(crate) since: Option<String>,
}

/// `[[chain]]`: options for the environment at a path.
#[derive(Clone, Debug)]
struct ChainOverride {
    /// Relative to the folder of the configuration file.
    path: PathBuf,
    options: Options,
}

/// Why a configuration could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConfigError {
    path: PathBuf,
    /// From 1; `None` where the file could not be read at all.
    line: Option<usize>,
    message: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.path.display())?;
        if let Some(line) = self.line {
            write!(formatter, ":{line}")?;
        }
        write!(formatter, ": {}", self.message)
    }
}

impl std::error::Error for ConfigError {}

impl ConfigError {
    /// What could not be done about the file or folder at `path`.
    pub(crate) fn at(path: &Path, message: String) -> Self {
        Self { path: path.to_path_buf(), line: None, message }
    }

    /// The same, with the path as output shows it.
    pub(crate) fn shown_from(self, directory: &Path) -> Self {
        Self { path: crate::check::display(&self.path, directory).into(), ..self }
    }
}

/// The configurations found so far, each read once.
#[derive(Debug, Default)]
pub(crate) struct Configs {
    fixed: Option<Config>,
    by_folder: BTreeMap<PathBuf, Config>,
}

impl Configs {
    /// The configuration that the command line names, from `directory`; none yet where it names none.
    pub(crate) fn named(config: Option<&Path>, directory: &Path) -> Result<Self, ConfigError> {
        config.map_or_else(|| Ok(Self::default()), |path| Self::only(&directory.join(path)))
    }

    /// Only the configuration at `path`, whatever lies nearer to a chain.
    fn only(path: &Path) -> Result<Self, ConfigError> {
        let Some(config) = Config::read(path)? else {
            let message = if path.exists() {
                "holds no `[tool.migrate-lint]` table"
            } else {
                "cannot be read: no such file"
            };
            let path = path.to_path_buf();
            return Err(ConfigError { path, line: None, message: message.to_owned() });
        };
        Ok(Self { fixed: Some(config), by_folder: BTreeMap::new() })
    }

    /// The configuration nearest to `folder`, from it upwards.
    pub(crate) fn nearest(&mut self, folder: &Path) -> Result<Config, ConfigError> {
        if let Some(config) = &self.fixed {
            return Ok(config.clone());
        }
        let folder = identity(folder);
        if let Some(config) = self.by_folder.get(&folder) {
            return Ok(config.clone());
        }
        let config = Self::search(&folder)?;
        self.by_folder.insert(folder, config.clone());
        Ok(config)
    }

    fn search(folder: &Path) -> Result<Config, ConfigError> {
        for folder in folder.ancestors() {
            for name in FILE_NAMES {
                if let Some(config) = Config::read(&folder.join(name))? {
                    return Ok(config);
                }
            }
        }
        Ok(Config::default())
    }
}

impl Config {
    /// Reads the file at `path`; `None` where there is none, or it does not speak of this tool.
    fn read(path: &Path) -> Result<Option<Self>, ConfigError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                let message = format!("cannot be read: {error}");
                return Err(ConfigError { path: path.to_path_buf(), line: None, message });
            }
        };
        let is_pyproject = path.file_name().is_some_and(|name| name == "pyproject.toml");
        if is_pyproject && !text.contains("migrate-lint") {
            return Ok(None);
        }
        let file = File { path, text: &text };
        let document = DeTable::parse(&text).map_err(|error| {
            file.error(error.span().map_or(0, |span| span.start), error.message().to_owned())
        })?;
        let table = if is_pyproject {
            let tool = document.get_ref().get("tool").and_then(|tool| tool.get_ref().as_table());
            match tool.and_then(|tool| tool.get("migrate-lint")) {
                None => return Ok(None),
                Some(value) => value
                    .get_ref()
                    .as_table()
                    .ok_or_else(|| file.error(value.span().start, "expected a table".to_owned()))?,
            }
        } else {
            document.get_ref()
        };
        file.config(table).map(Some)
    }

    /// The globs by which the configuration names model files, with the folder they are relative
    /// to.
    pub(crate) fn models(&self, environment: &Environment) -> Option<(PathBuf, Vec<String>)> {
        let chosen = self.overrides(environment).find_map(|options| options.models.clone());
        let models = chosen.or_else(|| self.options.models.clone())?;
        Some((self.folder(), models))
    }

    /// The file of accepted diagnostics.
    pub(crate) fn diagnostics_baseline(&self) -> Option<PathBuf> {
        Some(self.folder().join(self.options.diagnostics_baseline.as_ref()?))
    }

    /// What is worth knowing of what it says about the chain of `environment`: one sentence each.
    pub(crate) fn notes(&self, environment: &Environment) -> Vec<String> {
        let layers = std::iter::once(&self.options).chain(self.overrides(environment));
        layers.flat_map(|options| options.notes.iter().cloned()).collect()
    }

    /// What the configuration says about what is new in the chain of `environment`.
    pub(crate) fn standing(&self, environment: &Environment) -> ConfiguredStanding {
        let layers = std::iter::once(&self.options).chain(self.overrides(environment));
        let mut standing = ConfiguredStanding::default();
        for options in layers {
            standing.base = options.base.clone().or(standing.base);
            standing.is_all = options.is_all.unwrap_or(standing.is_all);
            standing.since = options.since.clone().or(standing.since);
        }
        standing
    }

    /// The settings of the chain of `environment`.
    pub(crate) fn settings(&self, environment: &Environment, asked: &Asked) -> Settings {
        let mut settings = Settings::default();
        let layers: Vec<&Options> =
            std::iter::once(&self.options).chain(self.overrides(environment)).collect();
        select(&mut settings, &layers, asked);
        let base = LazyCell::new(|| identity(&self.folder()));
        for options in layers {
            for (glob, selectors) in &options.per_file_ignores {
                let rules = selectors.iter().flat_map(|selector| selector.rules());
                settings.per_file_ignores.push(PerFileIgnore {
                    files: FileGlob { glob: glob.clone(), base: base.clone() },
                    rules: rules.map(|rule| rule.name).collect(),
                });
            }
            let set = |slot: &mut Vec<String>, value: &Option<Vec<String>>| {
                if let Some(value) = value {
                    slot.clone_from(value);
                }
            };
            set(&mut settings.heads, &options.heads);
            set(&mut settings.dialects, &options.dialects);
            settings.postgres_version = options.postgres_version.or(settings.postgres_version);
            settings.mysql_version = options.mysql_version.or(settings.mysql_version);
            if let Some(baseline) = &options.baseline {
                settings.baseline.clone_from(baseline);
            }
            settings.downgrades = options.downgrades.unwrap_or(settings.downgrades);
            if options.linear_after.is_some() {
                settings.linear_after.clone_from(&options.linear_after);
            }
            if let Some(prefix) = &options.reserved_attribute_prefix {
                settings.reserved_attribute_prefix.clone_from(prefix);
            }
            settings.allowances.extend(options.allow.iter().cloned());
            settings.allow_changed.extend(options.allow_changed.iter().cloned());
        }
        settings
    }

    fn folder(&self) -> PathBuf {
        self.path.as_deref().and_then(Path::parent).map(Path::to_path_buf).unwrap_or_default()
    }

    /// The options of every `[[chain]]` that speaks of `environment`, in order.
    fn overrides<'a>(&'a self, environment: &Environment) -> impl Iterator<Item = &'a Options> {
        let configs = environment.configs.iter().map(|config| &config.path);
        let dirs = std::iter::once(&environment.script_dir).chain(&environment.version_dirs);
        let paths: Vec<&PathBuf> = dirs.chain(configs).collect();
        let places =
            LazyCell::new(move || paths.into_iter().map(|path| identity(path)).collect::<Vec<_>>());
        let folder = self.folder();
        self.chains.iter().filter_map(move |chain| {
            let path = identity(&folder.join(&chain.path));
            places.iter().any(|place| place.starts_with(&path)).then_some(&chain.options)
        })
    }
}

/// What the command line asks: it wins over the configuration.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    /// `--select`
    pub(crate) select: Option<Vec<Selector>>,
    /// `--ignore`
    pub(crate) ignore: Vec<Selector>,
}

/// Chooses the rules that run: `--select`, else the last `select`, else the defaults; less what
/// any layer ignores; each at its configured level.
fn select(settings: &mut Settings, layers: &[&Options], asked: &Asked) {
    let chosen = asked.select.as_ref();
    let chosen = chosen.or_else(|| layers.iter().rev().find_map(|layer| layer.select.as_ref()));
    if let Some(selectors) = chosen {
        let rules = selectors.iter().flat_map(|selector| selector.rules());
        settings.levels = rules.map(|rule| (rule.name, rule.level)).collect();
    }
    let chosen: BTreeSet<&str> = settings.levels.keys().copied().collect();
    for (selector, level) in layers.iter().flat_map(|layer| &layer.levels) {
        for rule in selector.rules().into_iter().filter(|rule| chosen.contains(rule.name)) {
            match level {
                Some(level) => settings.levels.insert(rule.name, *level),
                None => settings.levels.remove(rule.name),
            };
        }
    }
    // What the command line selects by name is not taken away by the file.
    let ignored = layers.iter().filter(|_| asked.select.is_none()).flat_map(|layer| &layer.ignore);
    for selector in ignored.chain(&asked.ignore) {
        for rule in selector.rules() {
            settings.levels.remove(rule.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The settings that a configuration gives the environment `alembic.ini` in its folder finds.
    fn settings(config: &str, asked: &Asked) -> Settings {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path();
        fs::write(path.join("migrate-lint.toml"), config).expect("a configuration");
        fs::write(path.join("alembic.ini"), "[alembic]\nscript_location = db\n").expect("an ini");
        for name in ["db/versions", "other"] {
            fs::create_dir_all(path.join(name)).expect("folders");
        }
        fs::write(path.join("db/env.py"), "").expect("env.py");
        let found = project::find(&[path.to_path_buf()], path);
        let config = Configs::default().nearest(path).expect("the configuration is sound");
        config.settings(&found.environments[0], asked)
    }

    fn selected(names: &[&str]) -> Vec<Selector> {
        names.iter().map(|name| Selector::parse(name).expect("a name")).collect()
    }

    fn runs(settings: &Settings, rule: &str) -> bool {
        settings.levels.contains_key(rule)
    }

    #[test]
    fn select_replaces_the_defaults_and_ignore_takes_away() {
        let config = "select = [\"default\", \"vague-message\"]\nignore = [\"models\"]\n";
        let settings = settings(config, &Asked::default());
        assert!(runs(&settings, "vague-message") && runs(&settings, "multiple-heads"));
        assert!(!runs(&settings, "reserved-attribute"));
    }

    #[test]
    fn a_group_stands_for_its_rules_that_are_on_by_default() {
        let settings = settings("select = [\"chain\"]\n", &Asked::default());
        assert!(runs(&settings, "multiple-heads"));
        assert!(!runs(&settings, "file-name-mismatch") && !runs(&settings, "empty-upgrade"));
    }

    #[test]
    fn the_command_line_wins_over_select_and_ignore_of_the_file() {
        let asked = Asked {
            select: Some(selected(&["models", "chain"])),
            ignore: selected(&["duplicate-table-name"]),
        };
        let config = "select = [\"downgrade\"]\nignore = [\"multiple-heads\"]\n";
        let settings = settings(config, &asked);
        assert!(runs(&settings, "multiple-heads") && runs(&settings, "reserved-attribute"));
        assert!(!runs(&settings, "duplicate-table-name") && !runs(&settings, "empty-downgrade"));
    }

    #[test]
    fn levels_change_what_runs_and_switch_off() {
        let config = "[levels]\nmultiple-bases = \"error\"\ndowngrade = \"off\"\n";
        let settings = settings(config, &Asked::default());
        assert_eq!(settings.levels["multiple-bases"], Level::Error);
        assert!(!runs(&settings, "missing-downgrade"));
        assert!(!runs(&settings, "file-name-mismatch"), "a level alone selects nothing");
    }

    #[test]
    fn a_chain_overrides_for_what_lies_at_its_path() {
        let config = "heads = [\"a\"]\n[[chain]]\npath = \"db\"\nheads = [\"b\"]\ndowngrades = \"forbidden\"\n[[chain]]\npath = \"other\"\nheads = [\"c\"]\n";
        let settings = settings(config, &Asked::default());
        assert_eq!(settings.heads, ["b"]);
        assert_eq!(settings.downgrades, DowngradePolicy::Forbidden);
    }

    #[test]
    fn a_baseline_is_nothing_anything_or_a_script_beside_the_configuration() {
        let of = |config: &str| settings(config, &Asked::default()).baseline;
        assert_eq!(of(""), Baseline::Open);
        assert_eq!(of("baseline = \"empty\"\n"), Baseline::Empty);
        let Baseline::File(path) = of("baseline = \"db/schema.sql\"\n") else {
            panic!("a file is a file");
        };
        assert!(path.is_absolute() && path.ends_with("db/schema.sql"));
    }

    #[test]
    fn versions_are_numbers_or_strings() {
        let of = |config: &str| settings(config, &Asked::default());
        assert_eq!(of("postgres-version = \"15.4\"\n").postgres_version, Some(15));
        assert_eq!(of("postgres-version = 13\n").postgres_version, Some(13));
        let mysql = |config: &str| of(config).mysql_version.map(|version| version.to_string());
        assert_eq!(mysql("mysql-version = 8.0\n").as_deref(), Some("8.0"));
        assert_eq!(mysql("mysql-version = \"8.0.28\"\n").as_deref(), Some("8.0.28"));
        assert_eq!(mysql(""), None);
    }

    #[test]
    fn files_are_matched_relative_to_the_configuration() {
        let config = "[per-file-ignores]\n\"db/versions/2019*\" = [\"downgrade\"]\n";
        let settings = settings(config, &Asked::default());
        let base = settings.per_file_ignores[0].files.base.clone();
        assert!(settings.is_ignored("empty-downgrade", &base.join("db/versions/2019_a.py")));
        assert!(!settings.is_ignored("empty-downgrade", &base.join("db/versions/2020_a.py")));
        assert!(!settings.is_ignored("multiple-heads", &base.join("db/versions/2019_a.py")));
    }
}

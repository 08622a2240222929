//! Reads the keys of a configuration file, each with its place.

use std::path::{Path, PathBuf};

use diagnostics::Level;
use globset::{Glob, GlobMatcher};
use linter::{Baseline, DowngradePolicy, Selector, Version, nearest};
use toml::Spanned;
use toml::de::{DeFloat, DeInteger, DeTable, DeValue};

use super::{ChainOverride, Config, ConfigError, Options, allow};

const OPTIONS: [&str; 19] = [
    "select",
    "ignore",
    "levels",
    "per-file-ignores",
    "heads",
    "downgrades",
    "dialects",
    "postgres-version",
    "mysql-version",
    "baseline",
    "models",
    "linear-after",
    "reserved-attribute-prefix",
    "base",
    "scope",
    "since",
    "allow",
    "allow-changed",
    "diagnostics-baseline",
];

const DIALECTS: [&str; 6] = ["postgresql", "mysql", "mariadb", "sqlite", "mssql", "oracle"];

/// A configuration file while it is read.
pub(super) struct File<'a> {
    pub(super) path: &'a Path,
    pub(super) text: &'a str,
}

pub(super) type Value<'a> = Spanned<DeValue<'a>>;

impl File<'_> {
    pub(super) fn config(&self, table: &DeTable<'_>) -> Result<Config, ConfigError> {
        let mut config = Config { path: Some(self.path.to_path_buf()), ..Config::default() };
        for (key, value) in table {
            if key.get_ref() == "chain" {
                for entry in self.array(value)? {
                    let Some(table) = entry.get_ref().as_table() else {
                        return Err(self.expected(entry, "a `[[chain]]` table"));
                    };
                    config.chains.push(self.chain(entry, table)?);
                }
            } else {
                self.option(&mut config.options, key, value, &["chain"])?;
            }
        }
        Ok(config)
    }

    fn chain(&self, entry: &Value<'_>, table: &DeTable<'_>) -> Result<ChainOverride, ConfigError> {
        let mut path = None;
        let mut options = Options::default();
        for (key, value) in table {
            if key.get_ref() == "path" {
                path = Some(PathBuf::from(self.string(value)?));
            } else {
                self.option(&mut options, key, value, &["path"])?;
            }
        }
        let Some(path) = path else {
            let message = "`[[chain]]` needs a `path`: the folder that holds the environment";
            return Err(self.error(entry.span().start, message.to_owned()));
        };
        if !self.path.with_file_name("").join(&path).exists() {
            let message = format!("the path of `[[chain]]`, `{}`, is not there", path.display());
            return Err(self.error(entry.span().start, message));
        }
        Ok(ChainOverride { path, options })
    }

    fn option(
        &self,
        options: &mut Options,
        key: &Spanned<std::borrow::Cow<'_, str>>,
        value: &Value<'_>,
        more: &[&'static str],
    ) -> Result<(), ConfigError> {
        match key.get_ref().as_ref() {
            "select" => options.select = Some(self.selectors(value)?),
            "ignore" => options.ignore = self.selectors(value)?,
            "levels" => options.levels = self.levels(value)?,
            "per-file-ignores" => options.per_file_ignores = self.per_file_ignores(value)?,
            "heads" => options.heads = Some(self.strings(value)?),
            "downgrades" => options.downgrades = Some(self.downgrades(value)?),
            "dialects" => options.dialects = Some(self.dialects(value)?),
            "postgres-version" => options.postgres_version = Some(self.version(value)?.major),
            "mysql-version" => options.mysql_version = Some(self.version(value)?),
            "baseline" => options.baseline = Some(self.baseline(value)?),
            "models" => options.models = Some(self.models(value)?),
            "linear-after" => options.linear_after = Some(self.string(value)?),
            "reserved-attribute-prefix" => {
                options.reserved_attribute_prefix = Some(self.prefix(value)?);
            }
            "base" => options.base = Some(self.string(value)?),
            "scope" => options.is_all = Some(self.scope(value)?),
            "since" => options.since = Some(self.string(value)?),
            "diagnostics-baseline" => {
                options.diagnostics_baseline = Some(PathBuf::from(self.string(value)?));
            }
            "allow" => options.allow = allow::diagnostics(self, value, &mut options.notes)?,
            "allow-changed" => {
                options.allow_changed = allow::changed(self, value, &mut options.notes)?;
            }
            unknown => {
                let known = OPTIONS.into_iter().chain(more.iter().copied());
                let message = match nearest(unknown, known) {
                    Some(nearest) => format!("unknown key `{unknown}`; did you mean `{nearest}`?"),
                    None => format!("unknown key `{unknown}`; known are {}", OPTIONS.join(", ")),
                };
                return Err(self.error(key.span().start, message));
            }
        }
        Ok(())
    }

    pub(super) fn selectors(&self, value: &Value<'_>) -> Result<Vec<Selector>, ConfigError> {
        self.array(value)?.iter().map(|item| self.selector(&self.string(item)?, item)).collect()
    }

    fn selector<T>(&self, name: &str, at: &Spanned<T>) -> Result<Selector, ConfigError> {
        Selector::parse(name).map_err(|unknown| self.error(at.span().start, unknown.to_string()))
    }

    fn levels(&self, value: &Value<'_>) -> Result<Vec<(Selector, Option<Level>)>, ConfigError> {
        let mut levels = Vec::new();
        for (key, value) in self.table(value)? {
            let selector = self.selector(key.get_ref(), key)?;
            let level =
                match self.string(value)?.as_str() {
                    "off" => None,
                    name => Some(name.parse().map_err(|()| {
                        self.expected(value, "`error`, `warning`, `info` or `off`")
                    })?),
                };
            levels.push((selector, level));
        }
        // What is said of a rule counts for more than what is said of its group.
        levels.sort_by_key(|(selector, _)| match selector {
            Selector::All => 0,
            Selector::Default => 1,
            Selector::Group(_) => 2,
            Selector::Rule(_) => 3,
        });
        Ok(levels)
    }

    fn per_file_ignores(
        &self,
        value: &Value<'_>,
    ) -> Result<Vec<(GlobMatcher, Vec<Selector>)>, ConfigError> {
        let mut ignores = Vec::new();
        for (key, value) in self.table(value)? {
            ignores.push((self.glob(key.get_ref(), key)?, self.selectors(value)?));
        }
        Ok(ignores)
    }

    pub(super) fn glob<T>(&self, text: &str, at: &Spanned<T>) -> Result<GlobMatcher, ConfigError> {
        let glob = Glob::new(text.trim_start_matches("./"));
        let glob = glob.map_err(|error| self.error(at.span().start, error.to_string()))?;
        Ok(glob.compile_matcher())
    }

    fn downgrades(&self, value: &Value<'_>) -> Result<DowngradePolicy, ConfigError> {
        match self.string(value)?.as_str() {
            "required" => Ok(DowngradePolicy::Required),
            "explained" => Ok(DowngradePolicy::Explained),
            "forbidden" => Ok(DowngradePolicy::Forbidden),
            _ => Err(self.expected(value, "`required`, `explained` or `forbidden`")),
        }
    }

    fn scope(&self, value: &Value<'_>) -> Result<bool, ConfigError> {
        match self.string(value)?.as_str() {
            "all" => Ok(true),
            "new" => Ok(false),
            _ => Err(self.expected(value, "`new` or `all`")),
        }
    }

    fn dialects(&self, value: &Value<'_>) -> Result<Vec<String>, ConfigError> {
        let dialects = self.strings(value)?;
        match dialects.iter().find(|dialect| !DIALECTS.contains(&dialect.as_str())) {
            None => Ok(dialects),
            Some(unknown) => {
                let message = match nearest(unknown, DIALECTS) {
                    Some(nearest) => {
                        format!("unknown dialect `{unknown}`; did you mean `{nearest}`?")
                    }
                    None => {
                        format!("unknown dialect `{unknown}`; known are {}", DIALECTS.join(", "))
                    }
                };
                Err(self.error(value.span().start, message))
            }
        }
    }

    /// The version of a server: `15`, `8.0`, `"8.0.28"`.
    fn version(&self, value: &Value<'_>) -> Result<Version, ConfigError> {
        let inner = value.get_ref();
        let number = inner.as_integer().map(DeInteger::as_str);
        let number = number.or_else(|| inner.as_float().map(DeFloat::as_str));
        let text = inner.as_str().or(number);
        let is_plain = |text: &&str| text.chars().all(|char| char.is_ascii_digit() || char == '.');
        let version = text.filter(is_plain).and_then(Version::of);
        version.ok_or_else(|| self.expected(value, "a version, as in `15` or `\"8.0.28\"`"))
    }

    fn baseline(&self, value: &Value<'_>) -> Result<Baseline, ConfigError> {
        match self.string(value)?.as_str() {
            "empty" => Ok(Baseline::Empty),
            "open" => Ok(Baseline::Open),
            name if Path::new(name).extension().is_some_and(|extension| extension == "sql") => {
                Ok(Baseline::File(self.path.with_file_name("").join(name)))
            }
            _ => Err(self.expected(value, "`empty`, `open` or a file of SQL, as in `schema.sql`")),
        }
    }

    fn models(&self, value: &Value<'_>) -> Result<Vec<String>, ConfigError> {
        let models = self.strings(value)?;
        if models.iter().all(|pattern| pattern.starts_with('!')) {
            return Err(
                self.expected(value, "a pattern that includes files, beside those with `!`")
            );
        }
        Ok(models)
    }

    /// The beginning of a name in Python.
    fn prefix(&self, value: &Value<'_>) -> Result<String, ConfigError> {
        let prefix = self.string(value)?;
        let is_name =
            prefix.chars().all(|character| character.is_alphanumeric() || character == '_')
                && prefix.starts_with(|first: char| first.is_alphabetic() || first == '_');
        let is_mapped = !prefix.starts_with("__") && !prefix.starts_with("_sa_");
        if is_name && is_mapped {
            Ok(prefix)
        } else {
            Err(self.expected(value, "the beginning of a Python name, such as `\"extra_\"`"))
        }
    }

    pub(super) fn string(&self, value: &Value<'_>) -> Result<String, ConfigError> {
        let text = value.get_ref().as_str().map(str::to_owned);
        text.ok_or_else(|| self.expected(value, "a string"))
    }

    pub(super) fn strings(&self, value: &Value<'_>) -> Result<Vec<String>, ConfigError> {
        self.array(value)?.iter().map(|item| self.string(item)).collect()
    }

    pub(super) fn array<'a>(
        &self,
        value: &'a Value<'_>,
    ) -> Result<Vec<&'a Value<'a>>, ConfigError> {
        let array = value.get_ref().as_array();
        let array = array.ok_or_else(|| self.expected(value, "a list, as in `[\"…\"]`"))?;
        Ok(array.iter().collect())
    }

    fn table<'a>(&self, value: &'a Value<'_>) -> Result<&'a DeTable<'a>, ConfigError> {
        value.get_ref().as_table().ok_or_else(|| self.expected(value, "a table"))
    }

    pub(super) fn expected(&self, value: &Value<'_>, what: &str) -> ConfigError {
        self.error(value.span().start, format!("expected {what}"))
    }

    pub(super) fn error(&self, offset: usize, message: String) -> ConfigError {
        ConfigError { path: self.path.to_path_buf(), line: Some(self.line(offset)), message }
    }

    /// The line of `offset`, from 1.
    pub(super) fn line(&self, offset: usize) -> usize {
        let before = self.text.get(..offset).unwrap_or_default();
        before.bytes().filter(|&byte| byte == b'\n').count() + 1
    }
}

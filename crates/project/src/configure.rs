//! From the configuration files of one folder to the environments they configure.

use std::path::{Path, PathBuf};

use diagnostics::{Place, Sources};

use crate::environment::{ConfigFault, ConfigFile, Environment, Problem};
use crate::ini::{Ini, IniErrorKind};
use crate::load::{Content, Loaded};
use crate::options::Options;
use crate::paths::{repository_of, slashed, tidy, up_to};
use crate::pyproject::Pyproject;
use crate::resolve::{Bases, Resolved, is_package_path};
use crate::settings::{Settings, shorten};

/// What configuring needs to know besides the files.
pub(crate) struct Surroundings<'a> {
    pub(crate) cwd: &'a Path,
    /// Folders that were given.
    pub(crate) roots: &'a [PathBuf],
    /// Whether the working directory has a configuration of its own, so that paths in others are
    /// rather relative to those.
    pub(crate) cwd_is_configured: bool,
    pub(crate) sources: &'a Sources,
}

/// What came of configuring; paths absolute.
#[derive(Debug, Default)]
pub(crate) struct Configured {
    pub(crate) environments: Vec<Environment>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) notes: Vec<String>,
}

/// One configuration: an ini section, `[tool.alembic]`, or both.
#[derive(Clone, Copy)]
struct Configuration<'a> {
    dir: &'a Path,
    ini: Option<(&'a Loaded, &'a Ini, &'a str)>,
    toml: Option<(&'a Loaded, &'a Pyproject)>,
}

/// The section that Alembic reads unless told otherwise.
const MAIN_SECTION: &str = "alembic";

/// The environments that the files of `dir` configure: one for each ini section that is about
/// Alembic, each merged with `pyproject.toml`, which stands for itself where no ini does.
pub(crate) fn configure(dir: &Path, files: &[Loaded], around: &Surroundings<'_>) -> Configured {
    let mut out = Configured::default();
    let toml = files.iter().find_map(|file| match &file.content {
        Content::Toml(toml) if toml.table.is_some() || toml.error.is_some() => Some((file, toml)),
        _ => None,
    });
    let has_location = toml.is_some_and(|(_, toml)| toml.item("script_location").is_some());
    let mut has_main = false;
    for file in files {
        let Content::Ini(ini) = &file.content else { continue };
        let sections = sections_of(ini, has_location, is_beside_env(dir));
        has_main |= sections.contains(&MAIN_SECTION);
        if sections.is_empty() {
            unusable(file, ini, around, &mut out);
        }
        for section in sections {
            Configuration { dir, ini: Some((file, ini, section)), toml }.read(around, &mut out);
        }
    }
    let Some((file, pyproject)) = toml else { return out };
    if has_location && !has_main {
        Configuration { dir, ini: None, toml }.read(around, &mut out);
    } else if let (false, Some((_, error))) = (has_main, &pyproject.error) {
        // Where alembic is a mere dependency, the file is no concern of ours.
        if around.sources.file(file.file).text().contains("tool.alembic") {
            let message = format!("is not TOML: {error}");
            out.problems.push(Problem::new(&file.path, message));
        }
    } else if !has_main {
        out.notes.push(no_location(file));
    }
    out
}

/// The sections that an environment can be read from.
fn sections_of(ini: &Ini, toml_has_location: bool, beside_env: bool) -> Vec<&str> {
    let by_default = ini.defaults().own("script_location").is_some();
    let is_wanted = |section: &&crate::ini::Section| {
        section.own("script_location").is_some()
            || section.name == MAIN_SECTION && (by_default || toml_has_location || beside_env)
            || by_default && section.own("version_locations").is_some()
    };
    ini.sections().iter().filter(is_wanted).map(|section| section.name.as_str()).collect()
}

/// Flask-Migrate keeps its ini beside env.py, and passes the folder as the script location.
fn is_beside_env(dir: &Path) -> bool {
    dir.join("env.py").is_file() || dir.join("script.py.mako").is_file()
}

/// Says why nothing is read from an ini file; one of another name may have nothing to do with
/// Alembic.
fn unusable(file: &Loaded, ini: &Ini, around: &Surroundings<'_>, out: &mut Configured) {
    let is_given = around.roots.contains(&file.path);
    if !is_given && file.path.file_name().is_none_or(|name| name != "alembic.ini") {
        return;
    }
    match ini.error() {
        Some(error) => {
            let source = around.sources.file(file.file);
            let line = source.line_column(error.span.start).line;
            let message =
                format!("cannot be read by Alembic: {} in line {line}", what(&error.kind));
            out.problems.push(Problem::new(&file.path, message));
        }
        None => out.notes.push(no_location(file)),
    }
}

fn no_location(file: &Loaded) -> String {
    format!("`{}` has no `script_location`", slashed(&file.shown))
}

impl Configuration<'_> {
    fn read(&self, around: &Surroundings<'_>, out: &mut Configured) {
        let settings = Settings::read(self.options(around));
        let bases = Bases::new(self.base_dirs(around), &settings.prepend_sys_path);
        let mut reading = Reading { configuration: self, around, faults: Vec::new() };
        let location = match reading.script_dir(&settings, &bases) {
            Ok(location) => location,
            Err(problem) => return out.problems.push(problem),
        };
        let working_dir = location.base.clone().unwrap_or_else(|| self.dir.to_path_buf());
        let bases = bases.starting_with(&working_dir);
        let mut environment = Environment::bare(location.path.clone(), working_dir.clone());
        environment.notes = self.files().flat_map(|file| file.notes.iter().cloned()).collect();
        environment.notes.extend(settings.notes.iter().cloned());
        reading.version_dirs(&settings, &location, &bases, &mut environment);
        reading.syntax_faults();
        environment.faults = reading.faults;
        environment.faults.extend(settings.faults);
        environment.configs = self.config_files();
        environment.recursive = settings.recursive;
        environment.env_py = Some(location.path.join("env.py")).filter(|path| path.is_file());
        environment.file_template = settings.file_template;
        environment.truncate_slug_length = settings.truncate_slug_length;
        environment.timezone = settings.timezone;
        environment.databases = settings.databases;
        environment.prepend_sys_path =
            settings.prepend_sys_path.iter().map(|entry| tidy(&working_dir.join(entry))).collect();
        out.environments.push(environment);
    }

    fn options<'o>(&'o self, around: &'o Surroundings<'_>) -> Options<'o> {
        let mut options = Options::new();
        if let Some((file, ini, section)) = self.ini {
            let text = around.sources.file(file.file).text();
            options = options.with_ini(file.file, text, ini, section, &file.here);
        }
        if let Some((file, toml)) = self.toml {
            let text = around.sources.file(file.file).text();
            options = options.with_toml(file.file, text, toml, &file.here);
        }
        options
    }

    /// The working directory, then the configuration's own and those above it, up to what was
    /// given or the repository's root; its own first where the working directory has one itself.
    fn base_dirs(&self, around: &Surroundings<'_>) -> Vec<PathBuf> {
        let above = around.roots.iter().map(PathBuf::as_path).chain([around.cwd]);
        let top = above
            .chain(repository_of(self.dir))
            .filter(|top| self.dir.starts_with(top))
            .min_by_key(|top| top.as_os_str().len());
        let mut dirs: Vec<PathBuf> =
            up_to(self.dir, top).into_iter().map(Path::to_path_buf).collect();
        let at = usize::from(around.cwd_is_configured);
        dirs.retain(|dir| dir != around.cwd || dir == self.dir);
        if self.dir != around.cwd {
            dirs.insert(at.min(dirs.len()), around.cwd.to_path_buf());
        }
        dirs
    }

    fn files(&self) -> impl Iterator<Item = &Loaded> {
        self.ini.map(|(file, ..)| file).into_iter().chain(self.toml.map(|(file, _)| file))
    }

    fn config_files(&self) -> Vec<ConfigFile> {
        let ini = self.ini.map(|(file, _, section)| ConfigFile {
            file: file.file,
            path: file.path.clone(),
            section: Some(section.to_owned()),
        });
        let toml = self.toml.map(|(file, _)| ConfigFile {
            file: file.file,
            path: file.path.clone(),
            section: None,
        });
        ini.into_iter().chain(toml).collect()
    }
}

/// A configuration being looked up in the file system.
struct Reading<'a> {
    configuration: &'a Configuration<'a>,
    around: &'a Surroundings<'a>,
    faults: Vec<ConfigFault>,
}

impl Reading<'_> {
    /// Where the script directory is, whether or not it exists.
    fn script_dir(&mut self, settings: &Settings, bases: &Bases) -> Result<Resolved, Problem> {
        let Some(found) = &settings.script_location else {
            let path = self.configuration.dir.to_path_buf();
            return Ok(Resolved { path, base: None, exists: true });
        };
        let location = bases.script_dir(&found.value);
        if location.exists {
            return Ok(location);
        }
        let written = self.around.sources.text_at(found.place);
        if let Some((kept, location)) = without_comment(&found.value, bases) {
            let fix = crate::options::comment_cut(written, found.place).map(|cut| cut.fix);
            self.faults.push(
                ConfigFault::new(
                    found.place,
                    format!("the comment after `{}` is part of `script_location`", shorten(kept)),
                    "put the comment on a line of its own",
                )
                .with_fix(fix),
            );
            return Ok(location);
        }
        if is_package_path(&found.value) {
            let path = self.configuration.files().next().map(|file| file.path.clone());
            return Err(Problem::new(
                path.unwrap_or_default(),
                format!("`script_location = {}` is not in the project", shorten(written)),
            ));
        }
        self.faults.push(ConfigFault::new(
            found.place,
            format!("the script directory `{}` does not exist", shorten(unquoted(written))),
            "correct the path: a relative one counts from the folder that `alembic` runs in, \
             `%(here)s` is the folder of this file",
        ));
        Ok(location)
    }

    fn version_dirs(
        &mut self,
        settings: &Settings,
        location: &Resolved,
        bases: &Bases,
        environment: &mut Environment,
    ) {
        if settings.version_locations.is_empty() {
            let default = location.path.join("versions");
            if default.is_dir() {
                environment.version_dirs.push(default);
            } else if location.exists {
                environment.notes.push("the script directory has no folder `versions`".to_owned());
            }
            return;
        }
        let items = &settings.version_locations;
        let mut at = 0;
        while let Some(item) = items.get(at) {
            at += 1;
            if let (Some(':'), Some(next)) = (settings.separator, items.get(at)) {
                let whole = format!("{}:{}", item.value, next.value);
                if let Some(path) = cut_package_path(&whole, &next.value, bases) {
                    self.faults.push(ConfigFault::new(
                        Place::new(item.place.file, item.place.span.to(next.place.span)),
                        format!("`:` separates paths here, so `{whole}` is read as two of them"),
                        "set `path_separator = newline` and write one location on each line",
                    ));
                    environment.version_dirs.push(path);
                    at += 1;
                    continue;
                }
            }
            let found = bases.version_dir(&item.value);
            if found.exists {
                environment.version_dirs.push(found.path);
            } else {
                let written = unquoted(self.around.sources.text_at(item.place));
                environment
                    .notes
                    .push(format!("version location `{}` does not exist", shorten(written)));
            }
        }
    }

    /// What Python's readers would not take at all.
    fn syntax_faults(&mut self) {
        if let Some((file, ini, _)) = self.configuration.ini {
            let mut was_headless = false;
            for error in ini.errors() {
                let is_headless = error.kind == IniErrorKind::MissingSectionHeader;
                if is_headless && was_headless {
                    continue;
                }
                was_headless |= is_headless;
                self.faults.push(ConfigFault::new(
                    Place::new(file.file, error.span),
                    format!("Alembic cannot read the file: {}", what(&error.kind)),
                    mend(&error.kind),
                ));
            }
        }
        let Some((file, toml)) = self.configuration.toml else { return };
        if let Some((span, error)) = &toml.error {
            self.faults.push(ConfigFault::new(
                Place::new(file.file, *span),
                format!("the file is not TOML: {}", error.to_lowercase()),
                "correct the syntax: Alembic reads this file too",
            ));
        } else if let (Some(span), false) = (toml.table, toml.is_table) {
            self.faults.push(ConfigFault::new(
                Place::new(file.file, span),
                "`tool.alembic` is not a table",
                "write the options below a line `[tool.alembic]`",
            ));
        }
    }
}

/// What Python says about an ini file, in our words.
fn what(kind: &IniErrorKind) -> String {
    match kind {
        IniErrorKind::MissingSectionHeader => "an option before any section".to_owned(),
        IniErrorKind::DuplicateSection(name) => format!("section `[{name}]` comes twice"),
        IniErrorKind::DuplicateOption { section, key } => {
            format!("`{key}` comes twice in section `[{section}]`")
        }
        IniErrorKind::Parsing => "a line that is neither option nor section".to_owned(),
    }
}

fn mend(kind: &IniErrorKind) -> &'static str {
    match kind {
        IniErrorKind::MissingSectionHeader => "write `[alembic]` above it",
        IniErrorKind::DuplicateSection(_) => "make them one section",
        IniErrorKind::DuplicateOption { .. } => "remove one of them",
        IniErrorKind::Parsing => {
            "write `key = value`, indent the line to continue the value above, or begin it with `#`"
        }
    }
}

/// The value up to ` #` or ` ;`, where that is a folder.
fn without_comment<'v>(value: &'v str, bases: &Bases) -> Option<(&'v str, Resolved)> {
    let at = [" #", " ;", "\t#", "\t;"].iter().filter_map(|mark| value.find(mark)).min()?;
    let kept = value[..at].trim_end();
    let location = bases.script_dir(kept);
    location.exists.then_some((kept, location))
}

/// The folder that `package:path` names, where the path alone is none.
fn cut_package_path(whole: &str, path: &str, bases: &Bases) -> Option<PathBuf> {
    let (package, _) = whole.split_once(':')?;
    let is_name = |part: &str| {
        part.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && part.chars().all(|c| c.is_alphanumeric() || c == '_')
    };
    if !package.split('.').all(is_name) || bases.version_dir(path).exists {
        return None;
    }
    let found = bases.version_dir(whole);
    found.exists.then_some(found.path)
}

fn unquoted(text: &str) -> &str {
    text.trim_matches(['"', '\''])
}

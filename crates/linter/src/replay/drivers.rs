//! The database that a project's dependencies and services speak of.

use std::cell::OnceCell;
use std::fs;
use std::path::{Path, PathBuf};

use project::Environment;
use sql::Dialect;

/// Packages that connect to a database, and images that run one.
const WORDS: [(&str, Dialect); 16] = [
    ("psycopg", Dialect::PostgreSql),
    ("psycopg2", Dialect::PostgreSql),
    ("psycopg2-binary", Dialect::PostgreSql),
    ("asyncpg", Dialect::PostgreSql),
    ("pg8000", Dialect::PostgreSql),
    ("postgres", Dialect::PostgreSql),
    ("postgis", Dialect::PostgreSql),
    ("pymysql", Dialect::MySql),
    ("mysqlclient", Dialect::MySql),
    ("aiomysql", Dialect::MySql),
    ("asyncmy", Dialect::MySql),
    ("mysql-connector-python", Dialect::MySql),
    ("mysql", Dialect::MySql),
    ("mariadb", Dialect::MySql),
    ("aiosqlite", Dialect::Sqlite),
    ("pysqlite3", Dialect::Sqlite),
];

/// How much of a file is looked at, in bytes.
const LONGEST: u64 = 1 << 20;
/// How many folders are looked into, from the environment up.
const FARTHEST: usize = 8;

/// The files beside an environment, up to the root of its repository, that may name a database:
/// requirements, `pyproject.toml`, services of docker-compose and of CI. They are read when first asked.
pub(super) struct Beside<'e> {
    environment: &'e Environment,
    texts: OnceCell<Vec<(PathBuf, String)>>,
}

impl<'e> Beside<'e> {
    pub(super) const fn new(environment: &'e Environment) -> Self {
        Self { environment, texts: OnceCell::new() }
    }

    /// The one database that they name. PostgreSQL is taken before MySQL, and both before SQLite, which
    /// many use for tests only.
    pub(super) fn database(&self) -> Option<Dialect> {
        self.texts().iter().flat_map(|(_, text)| of_text(text)).min()
    }

    /// The services of docker-compose and of CI.
    pub(super) fn services(&self) -> impl Iterator<Item = &(PathBuf, String)> {
        let is_service =
            |path: &Path| path.file_name().and_then(|name| name.to_str()).is_some_and(is_yaml);
        self.texts().iter().filter(move |(path, _)| is_service(path))
    }

    fn texts(&self) -> &[(PathBuf, String)] {
        self.texts.get_or_init(|| {
            let is_small = |path: &PathBuf| {
                fs::metadata(path).is_ok_and(|meta| meta.is_file() && meta.len() < LONGEST)
            };
            let folders = folders(self.environment);
            let files = folders.iter().flat_map(|folder| files(folder)).filter(is_small);
            files.filter_map(|file| Some((file.clone(), fs::read_to_string(&file).ok()?))).collect()
        })
    }
}

/// The databases of the words of a text.
fn of_text(text: &str) -> impl Iterator<Item = Dialect> {
    let is_part = |char: char| char.is_alphanumeric() || char == '-' || char == '_';
    let words = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let words = words.flat_map(move |line| line.split(move |char| !is_part(char)));
    words.filter_map(|word| {
        let word = word.to_ascii_lowercase().replace('_', "-");
        WORDS.iter().find(|(known, _)| *known == word).map(|(_, dialect)| *dialect)
    })
}

/// The folder of the environment and those above it, up to the repository's; without a repository
/// only those that configure it.
fn folders(environment: &Environment) -> Vec<PathBuf> {
    let start = &environment.script_dir;
    let root = start.ancestors().take(FARTHEST).position(|folder| folder.join(".git").exists());
    if let Some(root) = root {
        return start.ancestors().take(root + 1).map(Path::to_path_buf).collect();
    }
    let folders = environment.configs.iter().filter_map(|config| config.path.parent());
    folders.map(Path::to_path_buf).collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = Vec::new();
    for (inner, is_wanted) in [
        ("", is_dependency as fn(&str) -> bool),
        ("requirements", is_requirements),
        (".github/workflows", is_yaml),
    ] {
        let Ok(entries) = fs::read_dir(folder.join(inner)) else { continue };
        let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
        files.extend(
            paths.filter(|path| {
                path.file_name().and_then(|name| name.to_str()).is_some_and(is_wanted)
            }),
        );
    }
    files.sort();
    files
}

fn is_dependency(name: &str) -> bool {
    let is_compose = name.starts_with("docker-compose") || name.starts_with("compose");
    let others = ["pyproject.toml", "setup.cfg", "setup.py", "Pipfile", ".gitlab-ci.yml"];
    others.contains(&name)
        || (name.starts_with("requirements") && is_requirements(name))
        || (is_compose && is_yaml(name))
}

fn is_requirements(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|one| one == "txt" || one == "in")
}

fn is_yaml(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|one| one == "yml" || one == "yaml")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<Dialect> {
        of_text(text).collect()
    }

    #[test]
    fn drivers_and_images_name_a_database() {
        assert_eq!(of("psycopg[binary]>=3.1\n"), [Dialect::PostgreSql]);
        assert_eq!(of("    image: postgres:15-alpine"), [Dialect::PostgreSql]);
        assert_eq!(of("PyMySQL==1.1.0 # the driver\n"), [Dialect::MySql]);
        assert_eq!(of("    image: mysql:8.0"), [Dialect::MySql]);
        assert_eq!(of("# psycopg2\nsqlalchemy>=2"), []);
        assert_eq!(of("name = \"mysql_tools\""), []);
    }
}

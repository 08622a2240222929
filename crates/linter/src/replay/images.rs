//! Versions of databases, by the images that docker-compose and CI run.

use std::path::PathBuf;

use sql::Dialect;

use super::drivers::Beside;
use crate::Version;

/// An image of a database with its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Image {
    pub(super) dialect: Dialect,
    pub(super) is_mariadb: bool,
    pub(super) version: Version,
    /// The file that names it.
    pub(super) file: PathBuf,
}

/// The images of databases, by the last part of their name.
const IMAGES: [(&str, Dialect); 12] = [
    ("postgres", Dialect::PostgreSql),
    ("postgresql", Dialect::PostgreSql),
    ("postgis", Dialect::PostgreSql),
    ("pgvector", Dialect::PostgreSql),
    ("timescaledb", Dialect::PostgreSql),
    ("timescaledb-ha", Dialect::PostgreSql),
    ("citus", Dialect::PostgreSql),
    ("mysql", Dialect::MySql),
    ("mysql-server", Dialect::MySql),
    ("percona", Dialect::MySql),
    ("percona-server", Dialect::MySql),
    ("mariadb", Dialect::MySql),
];

/// Images whose own versions are not those of PostgreSQL, which stands behind `pg` in the tag.
const OF_EXTENSIONS: [&str; 4] = ["pgvector", "timescaledb", "timescaledb-ha", "citus"];

/// Every image of a database that the services of docker-compose and of CI name with a version.
pub(super) fn images(beside: &Beside<'_>) -> Vec<Image> {
    let mut images = Vec::new();
    for (file, text) in beside.services() {
        for (dialect, is_mariadb, version) in text.lines().filter_map(of_line) {
            images.push(Image { dialect, is_mariadb, version, file: file.clone() });
        }
    }
    images
}

/// `image: postgres:13`, `- name: mysql:8.0`, `- mariadb:10.6`.
fn of_line(line: &str) -> Option<(Dialect, bool, Version)> {
    let line = line.trim();
    if line.starts_with('#') {
        return None;
    }
    let (item, is_item) = match line.strip_prefix("- ") {
        Some(item) => (item.trim_start(), true),
        None => (line, false),
    };
    let value = match item.split_once(": ") {
        Some((key, value)) if ["image", "name"].contains(&key.trim_matches(['"', '\''])) => value,
        None if is_item => item,
        _ => return None,
    };
    let value = value.split(" #").next().unwrap_or(value).trim().trim_matches(['"', '\'']);
    of_reference(value)
}

/// `registry/owner/postgres:13-alpine@sha256:…`
fn of_reference(reference: &str) -> Option<(Dialect, bool, Version)> {
    let reference = reference.split('@').next()?;
    let path = reference.split("${").next()?;
    let (owner, name) = reference.split_at(path.rfind('/').map_or(0, |at| at + 1));
    let (name, tag) = name.split_once(':')?;
    let (name, dialect) = IMAGES.iter().find(|(known, _)| *known == name)?;
    let is_plain = owner.chars().all(|char| char.is_alphanumeric() || "./-_:".contains(char));
    let tag = default_of(tag);
    let version = if OF_EXTENSIONS.contains(name) {
        tag.split('-').find_map(|part| Version::of(part.strip_prefix("pg")?))
    } else {
        Version::of(tag)
    };
    Some((*dialect, *name == "mariadb", version.filter(|_| is_plain)?))
}

/// `13` of `${POSTGRES_VERSION:-13}`.
fn default_of(tag: &str) -> &str {
    let inner = tag.strip_prefix("${").and_then(|inner| inner.strip_suffix('}'));
    let default = inner.and_then(|inner| inner.rsplit_once('-')).map(|(_, default)| default);
    default.unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Option<String> {
        let (dialect, is_mariadb, version) = of_line(line)?;
        let name = if is_mariadb { "mariadb".to_owned() } else { format!("{dialect:?}") };
        Some(format!("{name} {version}").to_lowercase())
    }

    #[test]
    fn an_image_tells_the_version() {
        let is = |line, expected: &str| assert_eq!(of(line).as_deref(), Some(expected), "{line}");
        is("    image: postgres:13", "postgresql 13");
        is("    image: \"postgres:15.4-alpine\" # as on the server", "postgresql 15.4");
        is("  - image: postgis/postgis:15-3.4", "postgresql 15");
        is("  - name: mysql:8.0.28", "mysql 8.0.28");
        is("  - mariadb:10.6", "mariadb 10.6");
        is("image: docker.io/library/postgres:16@sha256:0a1b", "postgresql 16");
        is("image: pgvector/pgvector:0.8.0-pg17", "postgresql 17");
        is("image: timescale/timescaledb:latest-pg14", "postgresql 14");
        is("image: registry.example.org:5000/postgres:12", "postgresql 12");
    }

    #[test]
    fn what_is_no_version_of_a_database_tells_none() {
        for line in [
            "image: postgres",
            "image: postgres:latest",
            "image: postgres:${{ matrix.postgres }}",
            "# image: postgres:9.6",
            "image: prometheuscommunity/postgres-exporter:0.15",
            "image: pgvector/pgvector:v0.5.1",
            "container_name: postgres:13",
            "- psql postgres:13",
            "command: postgres -c fsync=off",
            "- \"5432:5432\"",
        ] {
            assert_eq!(of(line), None, "{line}");
        }
        assert_eq!(of("image: postgres:${PG_VERSION:-14}").as_deref(), Some("postgresql 14"));
    }
}

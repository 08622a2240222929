//! The databases that a chain runs on.

use project::{ConfigFile, Ini};
use python::{Expr, ExprKind, Stmt, StmtKind, Visitor, walk_expr, walk_module, walk_stmt};
use sql::Dialect;

use super::drivers::Beside;
use super::images::images;
use crate::{Evidence, Loaded, LoadedChain, Server, Version};

/// The servers that a chain runs on: the databases configured, else that of `sqlalchemy.url`, else the
/// one whose types the revisions or `env.py` import where nothing names PostgreSQL, else the one that
/// dependencies and services of the project name, else PostgreSQL. Empty where those configured are
/// none that are replayed.
///
/// Of one of several databases, the section of its name may have an `sqlalchemy.url` of its own.
pub(super) fn servers_of(
    chain: &LoadedChain,
    engine: Option<&str>,
    beside: &Beside<'_>,
    loaded: &Loaded,
) -> Vec<Server> {
    let configured = &chain.settings.dialects;
    let mut servers: Vec<Server> = if configured.is_empty() {
        vec![found(chain, engine, beside, loaded)]
    } else {
        let mut dialects: Vec<Dialect> =
            configured.iter().filter_map(|name| Dialect::of_name(name)).collect();
        dialects.sort();
        dialects.dedup();
        dialects.into_iter().map(|one| Server::new(one, Evidence::Configuration)).collect()
    };
    let is_named = |name: &str| configured.iter().any(|one| one == name);
    for server in servers.iter_mut().filter(|server| server.dialect == Dialect::MySql) {
        server.is_mariadb |= is_named("mariadb") && !is_named("mysql");
    }
    servers.into_iter().map(|server| versioned(server, chain, beside)).collect()
}

/// A server with its version, as far as anything tells it.
fn versioned(mut server: Server, chain: &LoadedChain, beside: &Beside<'_>) -> Server {
    let settings = &chain.settings;
    let configured = match server.dialect {
        Dialect::PostgreSql => {
            settings.postgres_version.and_then(|major| Version::of(&major.to_string()))
        }
        Dialect::MySql => settings.mysql_version,
        Dialect::Sqlite => None,
    };
    if configured.is_some() || server.dialect == Dialect::Sqlite {
        return server.with_version(configured, Vec::new());
    }
    let mut images = images(beside);
    images.retain(|image| image.dialect == server.dialect);
    // A project that is tried on both says nothing of the one without versions of the other.
    server.is_mariadb |= !images.is_empty() && images.iter().all(|image| image.is_mariadb);
    images.retain(|image| image.is_mariadb == server.is_mariadb);
    let found = images.into_iter().map(|image| (image.version, image.file)).collect();
    server.with_version(None, found)
}

fn found(
    chain: &LoadedChain,
    engine: Option<&str>,
    beside: &Beside<'_>,
    loaded: &Loaded,
) -> Server {
    let mut configs = chain.environment.configs.iter();
    let of_engine =
        engine.and_then(|engine| configs.clone().find_map(|one| of_url(one, engine, loaded)));
    let mut of_url = || configs.find_map(|one| of_url(one, one.section.as_deref()?, loaded));
    if let Some(server) = of_engine.or_else(&mut of_url) {
        return server;
    }
    if let Some(dialect) = imported(chain, loaded) {
        return Server::new(dialect, Evidence::Imports);
    }
    match beside.database() {
        Some(dialect) => Server::new(dialect, Evidence::Files(Vec::new())),
        None => Server::new(Dialect::PostgreSql, Evidence::Assumed),
    }
}

fn of_url(config: &ConfigFile, section: &str, loaded: &Loaded) -> Option<Server> {
    config.section.as_ref()?;
    let ini = Ini::parse(loaded.sources.file(config.file).text());
    let url = ini.get(section, "sqlalchemy.url", "").ok()??;
    let scheme = url.split_once("://")?.0;
    let mut server = Server::new(Dialect::of_name(scheme)?, Evidence::Url);
    server.is_mariadb = scheme.starts_with("mariadb");
    Some(server)
}

/// Of several, PostgreSQL: what a project does for another database beside it is behind
/// conditions. None where the code asks for PostgreSQL by name, or has a type for it: it runs on more
/// than the one whose types it imports.
fn imported(chain: &LoadedChain, loaded: &Loaded) -> Option<Dialect> {
    let mut found = Imports::default();
    for index in chain.chain.indices() {
        walk_module(&mut found, &chain.chain[index].module);
    }
    if let Some(env) = chain.env.and_then(|file| loaded.modules.get(&file)) {
        walk_module(&mut found, &env.module);
    }
    if found.names_postgresql { None } else { found.imports.into_iter().min() }
}

#[derive(Default)]
struct Imports {
    imports: Vec<Dialect>,
    names_postgresql: bool,
}

impl Imports {
    fn add(&mut self, module: &str) {
        let Some(rest) = module.strip_prefix("sqlalchemy.dialects.") else { return };
        self.imports.extend(Dialect::of_name(rest.split('.').next().unwrap_or_default()));
    }
}

/// What code calls PostgreSQL.
const NAMES: [&str; 2] = ["postgresql", "postgres"];

impl<'a> Visitor<'a> for Imports {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match &stmt.kind {
            StmtKind::Import(aliases) => aliases.iter().for_each(|alias| self.add(&alias.name)),
            StmtKind::ImportFrom(import) if import.level == 0 => {
                let module = import.module.as_deref().unwrap_or_default();
                self.add(module);
                if module == "sqlalchemy.dialects" {
                    let names =
                        import.names.iter().filter_map(|alias| Dialect::of_name(&alias.name));
                    self.imports.extend(names);
                }
            }
            _ => walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        if let ExprKind::Str(text) = &expr.kind {
            self.names_postgresql |= NAMES.contains(&&**text);
        }
        walk_expr(self, expr);
    }
}

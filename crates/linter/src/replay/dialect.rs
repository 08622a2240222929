//! The databases that a chain runs on.

use project::{ConfigFile, Ini};
use python::{Expr, ExprKind, Stmt, StmtKind, Visitor, walk_expr, walk_module, walk_stmt};
use sql::Dialect;

use super::drivers;
use crate::{Loaded, LoadedChain};

/// The databases that a chain runs on: those configured, else that of `sqlalchemy.url`, else the
/// one whose types the revisions or `env.py` import where nothing names PostgreSQL, else the one that
/// dependencies and services of the project name, else PostgreSQL. Empty where those configured are
/// none that are replayed.
pub fn dialects_of(chain: &LoadedChain, loaded: &Loaded) -> Vec<Dialect> {
    dialects_of_engine(chain, None, loaded)
}

/// Likewise of one of several databases, of which the section of its name has an `sqlalchemy.url` of
/// its own.
pub(super) fn dialects_of_engine(
    chain: &LoadedChain,
    engine: Option<&str>,
    loaded: &Loaded,
) -> Vec<Dialect> {
    let configured = &chain.settings.dialects;
    if !configured.is_empty() {
        let mut dialects: Vec<Dialect> =
            configured.iter().filter_map(|name| Dialect::of_name(name)).collect();
        dialects.sort();
        dialects.dedup();
        return dialects;
    }
    vec![found(chain, engine, loaded).unwrap_or(Dialect::PostgreSql)]
}

/// Whether nothing tells which database a chain runs on, so that PostgreSQL is taken.
pub(super) fn is_assumed(chain: &LoadedChain, loaded: &Loaded) -> bool {
    let engines = super::engines::engines_of(chain, loaded);
    chain.settings.dialects.is_empty()
        && engines.iter().any(|engine| found(chain, engine.as_deref(), loaded).is_none())
}

fn found(chain: &LoadedChain, engine: Option<&str>, loaded: &Loaded) -> Option<Dialect> {
    let mut configs = chain.environment.configs.iter();
    let of_engine =
        engine.and_then(|engine| configs.clone().find_map(|one| of_url(one, engine, loaded)));
    let of_url = of_engine
        .or_else(|| configs.find_map(|config| of_url(config, config.section.as_deref()?, loaded)));
    let named = || drivers::named(&chain.environment);
    of_url.or_else(|| imported(chain, loaded)).or_else(named)
}

fn of_url(config: &ConfigFile, section: &str, loaded: &Loaded) -> Option<Dialect> {
    config.section.as_ref()?;
    let ini = Ini::parse(loaded.sources.file(config.file).text());
    let url = ini.get(section, "sqlalchemy.url", "").ok()??;
    Dialect::of_name(url.split_once("://")?.0)
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
                for alias in &import.names {
                    self.add(&format!("{module}.{}", alias.name));
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

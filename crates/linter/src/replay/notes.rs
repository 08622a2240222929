//! What is said of the database that a chain is judged for, where nobody configured it.

use std::path::Path;

use sql::Dialect;

use crate::wording::{in_words, listed};
use crate::{Evidence, LoadedChain, Server};

/// One sentence for each server of which the database is assumed, or of which files name several
/// versions; what is known of all others stands in JSON.
pub(super) fn notes(chain: &LoadedChain, cwd: &Path) -> Vec<String> {
    // A bare folder of revisions has nothing that could tell.
    let has_project = chain.env.is_some() || !chain.environment.configs.is_empty();
    let servers = chain.servers.iter().filter(|_| has_project);
    servers.filter_map(|server| note(&chain.environment.name, server, cwd)).collect()
}

fn note(chain: &str, server: &Server, cwd: &Path) -> Option<String> {
    let shown = server.shown();
    let key = match server.dialect {
        Dialect::PostgreSql => "postgres-version",
        Dialect::MySql => "mysql-version",
        Dialect::Sqlite => return None,
    };
    match (&server.named_by, &server.version_by) {
        (Evidence::Assumed, _) => Some(format!(
            "nothing names the database of {chain}: {shown} is assumed; `dialects` and `{key}` in the \
             configuration say another"
        )),
        (_, Evidence::Files(files)) => {
            let files = listed(files.iter().map(|file| {
                let file = file.strip_prefix(cwd).unwrap_or(file);
                file.display()
            }));
            let versions: Vec<String> = server.found.iter().map(ToString::to_string).collect();
            if versions.len() < 2 {
                return None;
            }
            Some(format!(
                "{chain} is judged for {shown}, the lowest of {}, which {files} name; `{key}` in the \
                 configuration says another",
                in_words(&versions)
            ))
        }
        _ => None,
    }
}

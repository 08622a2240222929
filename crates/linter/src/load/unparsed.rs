//! Files that are not Python where no rule says so: what no rule looked at is never passed over.

use std::collections::BTreeSet;

use diagnostics::FileId;
use python::{SyntaxError, SyntaxErrorKind};

use crate::{Loaded, LoadedChain, Problem};

/// The rule that speaks of such files.
const RULE: &str = "syntax-error";

/// The files that are not Python and of which `syntax-error` does not speak, because it does not
/// run, or because no diagnostics are shown at all.
pub fn unparsed(loaded: &Loaded, shows_diagnostics: bool) -> Vec<Problem> {
    let mut seen = BTreeSet::new();
    let mut problems = Vec::new();
    for chain in &loaded.chains {
        let settings = &chain.settings;
        if shows_diagnostics && settings.levels.contains_key(RULE) {
            continue;
        }
        for (file, error) in broken_files(loaded, chain) {
            let source = loaded.sources.file(file);
            // A file that could not be read at all is a problem already.
            if error.kind == SyntaxErrorKind::Unread
                || settings.is_ignored(RULE, source.path())
                || !seen.insert(file)
            {
                continue;
            }
            let line = source.line_column(error.span.start).line;
            problems.push(Problem {
                path: source.path().to_path_buf(),
                message: format!("cannot be parsed: line {line}: {}", error.message),
                help: None,
            });
        }
    }
    problems
}

fn broken_files<'a>(
    loaded: &'a Loaded,
    chain: &'a LoadedChain,
) -> impl Iterator<Item = (FileId, &'a SyntaxError)> {
    let revisions = chain.chain.revisions().iter();
    let revisions =
        revisions.filter_map(|revision| Some((revision.file, revision.syntax_errors.first()?)));
    let modules = chain
        .module_files
        .iter()
        .filter_map(|file| Some((*file, loaded.modules.get(file)?.errors.first()?)));
    revisions.chain(modules)
}

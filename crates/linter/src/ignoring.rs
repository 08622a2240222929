//! Writing the comments that silence what was found.

use std::collections::{BTreeMap, BTreeSet};

use diagnostics::{Diagnostic, Edit, FileId, Fix, Place, SourceFile, Span};
use python::Module;

use crate::suppressions::covered_lines;
use crate::{Group, Loaded};

/// For each of `diagnostics` the comment that silences it, as a fix; those of one line share one.
/// Rules about comments are left out.
pub fn ignoring(diagnostics: &[Diagnostic], loaded: &Loaded, reason: &str) -> Vec<Diagnostic> {
    let modules = modules(loaded);
    let mut lines: BTreeMap<(FileId, u32), (&Diagnostic, BTreeSet<&str>)> = BTreeMap::new();
    for found in diagnostics.iter().filter(|found| found.group != Group::Suppression.as_str()) {
        let file = found.place.file;
        let source = loaded.sources.file(file);
        let line = *covered_lines(found.place.span, source, modules.get(&file).copied()).start();
        lines.entry((file, line)).or_insert((found, BTreeSet::new())).1.insert(found.rule);
    }
    let comments = lines.into_iter().filter_map(|((file, line), (found, rules))| {
        let rules: Vec<&str> = rules.into_iter().collect();
        let rules = rules.join(", ");
        let edit = edit(loaded.sources.file(file), file, line, &rules, reason)?;
        let fix = Fix::safe(format!("silence {rules}"), vec![edit]);
        Some(Diagnostic { fix: Some(fix), ..found.clone() })
    });
    comments.collect()
}

/// The tree of every file that has one.
fn modules(loaded: &Loaded) -> BTreeMap<FileId, &Module> {
    let revisions = loaded.chains.iter().flat_map(|chain| chain.chain.revisions());
    let revisions = revisions.into_iter().map(|revision| (revision.file, &revision.module));
    let others = loaded.modules.iter().map(|(&file, parsed)| (file, &parsed.module));
    others.chain(revisions).collect()
}

/// A comment of its own above `line`, indented like it.
fn edit(source: &SourceFile, file: FileId, line: u32, rules: &str, reason: &str) -> Option<Edit> {
    let text = source.text();
    let mut line = line;
    let mut word = "ignore";
    // What the interpreter and the decoder look for must stay in the first lines.
    while line <= 2 && is_for_machines(source.line_span(line)?.of(text)) {
        word = "ignore-file";
        line += 1;
    }
    let span = source.line_span(line)?;
    let content = span.of(text);
    let indent = &content[..content.len() - content.trim_start().len()];
    let comment = format!("{indent}# migrate-lint: {word}[{rules}] {reason}");
    let place = Place::new(file, Span::point(span.start));
    Some(Edit::replace(place, format!("{}\n", comment.trim_end())))
}

fn is_for_machines(line: &str) -> bool {
    line.starts_with("#!") || (line.starts_with('#') && line.contains("coding"))
}

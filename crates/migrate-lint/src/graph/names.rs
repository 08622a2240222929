//! How output calls revisions, files and counts.

use std::path::Path;

use chain::{Chain, RevisionIndex};

/// The id of a revision, or the name of its file where only a run would tell the id.
pub(crate) fn name(chain: &Chain, index: RevisionIndex) -> &str {
    let revision = &chain[index];
    match revision.id_text() {
        Some(id) if !id.is_empty() => id,
        _ => &revision.file_name,
    }
}

/// `1 head`, `2 heads`.
pub(super) fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// `path` from `root` on, with forward slashes; as it is where it lies elsewhere.
pub(super) fn relative(path: &Path, root: &Path) -> String {
    let path = path.strip_prefix(root).unwrap_or(path);
    let path = path.to_string_lossy();
    if cfg!(windows) { path.replace('\\', "/") } else { path.into_owned() }
}

/// `text` without what a terminal would obey: control characters, and those that turn the
/// direction of writing.
pub(super) fn harmless(text: &str) -> String {
    let is_harmful = |character: char| {
        character.is_control()
            || matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}')
            || matches!(character, '\u{2066}'..='\u{2069}')
    };
    text.chars()
        .map(|character| if is_harmful(character) { '\u{fffd}' } else { character })
        .collect()
}

//! Edits of identifiers: in the variable, in the header, and wherever another file names them.

use std::collections::BTreeSet;

use chain::{Chain, LinkField, RevisionIndex};
use diagnostics::{Edit, Fix, Sources, Span};
use revision::{Declared, Entries, Entry, HeaderField, Id, Links, Revision};

use super::fresh_id;
use crate::ChainView;

/// Puts `text` between the quotes of a literal; `None` where the entry is not one literal.
pub(crate) fn literal(
    sources: &Sources,
    revision: &Revision,
    entry: &Entry,
    text: &str,
) -> Option<Edit> {
    if !entry.is_plain || !entry.is_text {
        return None;
    }
    let place = revision.place(entry.span);
    let written = sources.text_at(place);
    let start = written.find(['"', '\''])?;
    let (prefix, quoted) = written.split_at(start);
    let quote = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| {
        quoted.len() >= 2 * quote.len() && quoted.starts_with(quote) && quoted.ends_with(quote)
    })?;
    Some(Edit::replace(place, format!("{prefix}{quote}{text}{quote}")))
}

/// Replaces the word `old` of a header field by `new`; `None` where it does not hold the word.
pub(crate) fn header_word(
    revision: &Revision,
    field: Option<&HeaderField>,
    old: &str,
    new: &str,
) -> Option<Edit> {
    let field = field?;
    let at = word_at(&field.text, old, |character| "_.-".contains(character))?;
    let start = field.span.start + at as u32;
    let span = Span::new(start, start + old.len() as u32);
    Some(Edit::replace(revision.place(span), new))
}

/// Names `new` instead of what `entry` names, in the variable and, where it says the same, in the
/// header; `None` where the variable is not a literal.
pub(crate) fn point_at(
    sources: &Sources,
    revision: &Revision,
    entry: &Entry,
    new: &str,
) -> Option<Vec<Edit>> {
    let mut edits = vec![literal(sources, revision, entry, new)?];
    edits.extend(header_word(revision, revision.header.revises.as_ref(), &entry.text, new));
    Some(edits)
}

/// Gives revisions fresh ids.
pub(crate) struct Renamer<'a> {
    view: &'a ChainView<'a>,
    /// Revisions that share their id, so that nothing tells whose the links to it are.
    shared: BTreeSet<RevisionIndex>,
}

impl<'a> Renamer<'a> {
    pub(crate) fn new(view: &'a ChainView<'a>) -> Self {
        let duplicates = view.chain.duplicates();
        let shared = duplicates.into_iter().flat_map(|duplicate| duplicate.revisions).collect();
        Self { view, shared }
    }

    /// Gives `index` a fresh id wherever it is used; `None` where that cannot be written.
    pub(crate) fn fix(&self, index: RevisionIndex) -> Option<Fix> {
        if self.shared.contains(&index) {
            return None;
        }
        let chain = self.view.chain;
        let revision = &chain[index];
        let fresh = fresh_id(chain, &[revision.id_text()?, &revision.file_name]);
        let edits = reidentify(self.view, index, &users(chain, index), &fresh)?;
        Some(Fix::risky(format!("call the revision `{fresh}`"), edits))
    }
}

/// Gives the revision `index` the id `new`, in its file, its file name and in each of `users`;
/// `None` where one of these is not a literal.
pub(crate) fn reidentify(
    view: &ChainView<'_>,
    index: RevisionIndex,
    users: &[RevisionIndex],
    new: &str,
) -> Option<Vec<Edit>> {
    let revision = &view.chain[index];
    let Id::Declared(declared) = &revision.id else { return None };
    let old = &*declared.value.text;
    let mut edits = vec![literal(view.sources, revision, &declared.value, new)?];
    edits.extend(header_word(revision, revision.header.revision_id.as_ref(), old, new));
    edits.extend(renamed(view.sources, revision, old, new));
    for &user in users {
        let user = &view.chain[user];
        for field in [LinkField::DownRevision, LinkField::DependsOn] {
            for entry in field.links(user).entries() {
                if entry.is_text && *entry.text == *old {
                    edits.push(literal(view.sources, user, entry, new)?);
                }
            }
        }
        edits.extend(header_word(user, user.header.revises.as_ref(), old, new));
    }
    Some(edits)
}

/// The revisions that revise or depend on `index`, each once.
pub(crate) fn users(chain: &Chain, index: RevisionIndex) -> Vec<RevisionIndex> {
    let mut users: Vec<RevisionIndex> =
        chain.children(index).chain(chain.dependents(index)).collect();
    users.sort_unstable();
    users.dedup();
    users
}

/// Renames the file where its name holds the old id.
pub(crate) fn renamed(
    sources: &Sources,
    revision: &Revision,
    old: &str,
    new: &str,
) -> Option<Edit> {
    let at = word_at(&revision.file_name, old, |_| false)?;
    let name = &revision.file_name;
    let name = format!("{}{new}{}", &name[..at], &name[at + old.len()..]);
    let to = sources.file(revision.file).path().with_file_name(name);
    Some(Edit::Rename { file: revision.file, to })
}

/// Takes entry number `at` out of a list of two or more; one that is left stands alone.
pub(crate) fn without_entry(
    sources: &Sources,
    revision: &Revision,
    declared: &Declared<Entries>,
    at: usize,
) -> Option<Edit> {
    let entries = &declared.value;
    let is_within = |entry: &Entry| declared.expression.contains(entry.span);
    let whole = sources.text_at(revision.place(declared.expression));
    if !entries.iter().all(is_within) || whole.contains('#') {
        return None;
    }
    let removed = match &entries[..] {
        [first, second] => {
            let left = if at == 0 { second } else { first };
            let text = sources.text_at(revision.place(left.span));
            return Some(Edit::replace(revision.place(declared.expression), text));
        }
        _ if at + 1 < entries.len() => {
            Span::new(entries[at].span.start, entries[at + 1].span.start)
        }
        _ => Span::new(entries.get(at.checked_sub(1)?)?.span.end, entries.get(at)?.span.end),
    };
    Some(Edit::replace(revision.place(removed), ""))
}

/// Puts `text` into a header field of the file whose text is `source`.
pub(crate) fn header_field(
    source: &str,
    revision: &Revision,
    field: &HeaderField,
    text: &str,
) -> Edit {
    if !field.span.is_empty() {
        return Edit::replace(revision.place(field.span), text);
    }
    // An empty field stands right behind the colon; Alembic leaves a blank there.
    let rest = source.get(field.span.end as usize..).unwrap_or_default();
    let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    let span = Span::new(field.span.start, field.span.start + blanks as u32);
    Edit::replace(revision.place(span), format!(" {text}"))
}

/// The entries of `down_revision` as Alembic writes them in the header.
pub(crate) fn revises_text(links: &Links) -> String {
    links.texts().collect::<Vec<_>>().join(", ")
}

/// Where `word` stands in `text` as a word of its own, in bytes; a word goes on with letters,
/// digits and what `joins` says.
fn word_at(text: &str, word: &str, joins: impl Fn(char) -> bool) -> Option<usize> {
    if word.is_empty() {
        return None;
    }
    let is_letter = |character: char| character.is_alphanumeric() || joins(character);
    text.match_indices(word).map(|(at, _)| at).find(|&at| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(is_letter) && !after.is_some_and(is_letter)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_only_whole() {
        let within_name = |text, word| word_at(text, word, |_| false);
        assert_eq!(within_name("ab12_add_users.py", "ab12"), Some(0));
        assert_eq!(within_name("2026-ab12.py", "ab12"), Some(5));
        assert_eq!(within_name("ab123, ab12", "ab12"), Some(7));
        assert_eq!(within_name("xab12", "ab12"), None);
        assert_eq!(within_name("ab12", ""), None);
        let is_joint = |character| character == '_';
        assert_eq!(word_at("main_0001, main", "main", is_joint), Some(11));
    }
}

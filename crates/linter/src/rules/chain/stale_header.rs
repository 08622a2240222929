//! `stale-header`

use chain::Chain;
use diagnostics::{Edit, Fix, Level, Span};
use revision::{HeaderField, Links, Revision};

use crate::ids::edits;
use crate::rule::rule;
use crate::{Check, Finding, Fixes, Group, Reporter, RevisionView, Rule};

rule! {
    /// A `Revision ID:` or `Revises:` line in the docstring that differs from the variables.
    ///
    /// ## Why it matters
    /// Alembic writes these lines and never reads them again. When a revision is pointed at another
    /// one, the line stays behind, and the first thing that a reader of the file sees is wrong. In
    /// one of twenty revision files of real projects it is.
    ///
    /// ## What to do
    /// Write what the variable says; `--fix` does.
    ///
    /// ## When it stays silent
    /// For other ways to say the same: `None` or nothing for a base, ids in another order, in
    /// quotes or parentheses, abbreviated, with a remark behind them. Where the variable is computed,
    /// or names no revision: then it may be the header that is right.
    pub(crate) static STALE_HEADER = Rule {
        name: "stale-header",
        group: Group::Chain,
        level: Level::Warning,
        is_default: true,
        fixes: Fixes::Safe,
        summary: "a docstring that names another id or down revision than the variables",
        check: Check::Revision(check),
    };
}

fn check(view: &RevisionView<'_>, report: &mut Reporter<'_>) {
    let revision = view.revision;
    if !revision.syntax_errors.is_empty() {
        return;
    }
    if let Some(finding) = revision_id(view) {
        report.report(finding);
    }
    if let Some(finding) = revises(view) {
        report.report(finding);
    }
}

fn revision_id(view: &RevisionView<'_>) -> Option<Finding> {
    let revision = view.revision;
    let id = revision.id_text().filter(|id| !id.is_empty())?;
    let field = revision.header.revision_id.as_ref()?;
    let words: Vec<Word<'_>> = words(field).collect();
    let [word] = words[..] else { return None };
    if is_same(word.text, id) {
        return None;
    }
    let message = format!("the header says `Revision ID: {}`, and `revision` is `{id}`", word.text);
    let edit = Edit::replace(revision.place(word.span), id);
    let finding = Finding::at(revision.place(word.span), message)
        .help(format!("write `Revision ID: {id}`"))
        .related(revision.id_place(), "what Alembic reads")
        .fix(Fix::safe("write the id that Alembic reads into the header", vec![edit]));
    Some(finding)
}

fn revises(view: &RevisionView<'_>) -> Option<Finding> {
    let revision = view.revision;
    let chain = view.context.chain;
    let Links::Declared(declared) = &revision.down_revision else { return None };
    let field = revision.header.revises.as_ref()?;
    let ids: Vec<&str> = revision.down_revisions().collect();
    let all_exist = ids.iter().all(|id| chain.find(id).is_some());
    if !all_exist || ids.len() != declared.value.len() || goes_on(view, field) {
        return None;
    }
    let named: Vec<Word<'_>> = words(field).filter(|word| is_id(chain, word.text)).collect();
    if says(revision, &named, &ids, field) {
        return None;
    }
    let text = edits::revises_text(&revision.down_revision);
    let edit = if let ([word], [id]) = (&named[..], &ids[..]) {
        Edit::replace(revision.place(word.span), *id)
    } else {
        edits::header_field(view.text(), revision, field, &text)
    };
    let message = match (&*field.text, &*text) {
        ("", text) => {
            format!("the header says that this is a base, and `down_revision` is `{text}`")
        }
        (header, "") => {
            format!("the header says `Revises: {header}`, and `down_revision` is `None`")
        }
        (header, text) => {
            format!("the header says `Revises: {header}`, and `down_revision` is `{text}`")
        }
    };
    let finding = Finding::at(revision.place(field.span), message)
        .help(format!("write `{}`", format!("Revises: {text}").trim_end()))
        .related(revision.down_revision_place(), "what Alembic reads")
        .fix(Fix::safe("write what Alembic reads into the header", vec![edit]));
    Some(finding)
}

/// Whether the header names the revisions `ids`; what else it names may be dependencies.
fn says(revision: &Revision, named: &[Word<'_>], ids: &[&str], field: &HeaderField) -> bool {
    let is_named = |id: &&str| named.iter().any(|word| is_same(word.text, id));
    let known = || ids.iter().copied().chain(revision.dependencies());
    let is_known = |word: &Word<'_>| known().any(|id| is_same(word.text, id));
    if named.is_empty() {
        // Without an id the line says "base" where it is empty, and nothing that can be read in
        // any other words.
        return ids.is_empty() || !field.text.is_empty();
    }
    ids.iter().all(is_named) && named.iter().all(is_known)
}

/// Whether a header's word stands for the id, which people abbreviate.
fn is_same(word: &str, id: &str) -> bool {
    let least = 4.min(id.len());
    word.eq_ignore_ascii_case(id) || (word.len() >= least && id.starts_with(word))
}

/// Whether a word of a header is an id, not prose: one of the chain, or digits as Alembic makes
/// them.
fn is_id(chain: &Chain, word: &str) -> bool {
    let is_hexadecimal = word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let looks_random = is_hexadecimal
        && (8..=40).contains(&word.len())
        && word.bytes().any(|byte| byte.is_ascii_digit());
    looks_random || chain.find(word).is_some()
}

/// Whether the value goes on in the next line of the docstring.
fn goes_on(view: &RevisionView<'_>, field: &HeaderField) -> bool {
    let count = |sign: char| field.text.matches(sign).count();
    if field.text.ends_with([',', '\\']) || count('(') > count(')') || count('[') > count(']') {
        return true;
    }
    let after = view.text().get(field.span.end as usize..).unwrap_or_default();
    let Some(next) = after.lines().nth(1) else { return false };
    let is_indented = next.starts_with([' ', '\t']);
    field.text.is_empty()
        && is_indented
        && next.split_whitespace().any(|word| is_id(view.context.chain, word.trim_matches(',')))
}

/// A word of a header field.
#[derive(Clone, Copy)]
struct Word<'a> {
    text: &'a str,
    span: Span,
}

/// The words of a field up to a remark, without quotes, commas and brackets.
fn words(field: &HeaderField) -> impl Iterator<Item = Word<'_>> {
    let end = field.text.find('#').unwrap_or(field.text.len());
    let is_letter = |character: char| character.is_alphanumeric() || "_.-+:@".contains(character);
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = &field.text[at..end];
        let start = at + rest.find(is_letter)?;
        let rest = &field.text[start..end];
        let stop = start + rest.find(|character| !is_letter(character)).unwrap_or(rest.len());
        at = stop;
        let text = field.text[start..stop].trim_end_matches(['.', ':']);
        let first = field.span.start + start as u32;
        Some(Word { text, span: Span::new(first, first + text.len() as u32) })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(text: &str) -> HeaderField {
        HeaderField { span: Span::new(10, 10 + text.len() as u32), text: text.into() }
    }

    #[test]
    fn words_of_a_field_come_without_what_surrounds_them() {
        let field = field("('ab12', \"cd34\"), 0.57.0rc1.  # later ef56");
        let words: Vec<Word<'_>> = words(&field).collect();
        let texts: Vec<&str> = words.iter().map(|word| word.text).collect();
        assert_eq!(texts, ["ab12", "cd34", "0.57.0rc1"]);
        assert_eq!(words[1].span, Span::new(20, 24));
    }

    #[test]
    fn an_abbreviation_of_four_letters_stands_for_the_id() {
        assert!(is_same("ae10", "ae1027a6acf0"));
        assert!(!is_same("ae1", "ae1027a6acf0"));
        assert!(is_same("1", "1"));
        assert!(!is_same("ae1027a6acf1", "ae1027a6acf0"));
    }
}

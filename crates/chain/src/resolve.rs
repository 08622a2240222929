//! What a revision is called on Alembic's command line.

use revision::Id;

use crate::{Chain, RevisionIndex};

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The revisions; none is the state before the first.
    pub revisions: Vec<RevisionIndex>,
    /// A revision of the branch that the name asks for: what stands before `@`.
    pub branch: Option<RevisionIndex>,
}

/// Why a name stands for nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unresolved {
    /// No revision id or branch label is called or starts so.
    Unknown(String),
    /// Several ids or labels start so: the first three.
    Ambiguous(String, Vec<String>),
    /// There are several heads where one is asked for.
    ManyHeads(Vec<RevisionIndex>),
    /// The revision is not part of the branch.
    NotOfBranch(RevisionIndex, String),
    /// So many steps lead beyond the first or the last revision.
    TooFar(String),
    /// On the way stand several revisions to go on with.
    AmbiguousWay(Vec<RevisionIndex>),
    /// A relative name that has nothing to be relative to.
    NothingToStartFrom(String),
}

/// A relative name, taken apart: `branch@symbol-2`.
struct Relative<'a> {
    branch: Option<&'a str>,
    symbol: Option<&'a str>,
    steps: i64,
}

impl Chain {
    /// What `name` stands for: an id or the start of one, a branch label, `head`, `heads`, `base`,
    /// each with `branch@` before it, or a number of steps from there. `+n` alone goes up from the
    /// revisions `above`, and `-n` alone down from the revisions `below`.
    pub fn resolve(
        &self,
        name: &str,
        above: &[RevisionIndex],
        below: &[RevisionIndex],
    ) -> Result<Resolved, Unresolved> {
        let Some(relative) = Relative::of(name) else { return self.absolute(name) };
        let branch = relative.branch.map(|branch| self.branch(branch)).transpose()?;
        let start = match relative.symbol {
            Some(symbol) => {
                let symbol = match relative.branch {
                    Some(branch) if relative.steps < 0 => format!("{branch}@{symbol}"),
                    _ => symbol.to_owned(),
                };
                single(&self.absolute(&symbol)?.revisions)?
            }
            None if relative.steps >= 0 => self.start_above(above, branch)?,
            None => {
                let mut on_branch = below.to_vec();
                on_branch.retain(|&one| branch.is_none_or(|branch| self.shares_line(one, branch)));
                let start = single(&on_branch)?;
                Some(start.ok_or_else(|| Unresolved::NothingToStartFrom(name.to_owned()))?)
            }
        };
        let end = self.walk(start, relative.steps, branch, name)?;
        Ok(Resolved { revisions: end.into_iter().collect(), branch })
    }

    fn absolute(&self, name: &str) -> Result<Resolved, Unresolved> {
        let (label, symbol) = match name.split_once('@') {
            Some((label, symbol)) => (Some(label), symbol),
            None => (None, name),
        };
        let branch = label.map(|label| self.branch(label)).transpose()?;
        let on_branch = |heads: &[RevisionIndex]| -> Vec<RevisionIndex> {
            let is_on =
                |&head: &RevisionIndex| branch.is_none_or(|branch| self.shares_line(head, branch));
            heads.iter().copied().filter(is_on).collect()
        };
        let revisions = match symbol {
            "base" => Vec::new(),
            "heads" if branch.is_none() => self.real_heads().to_vec(),
            "heads" => on_branch(self.heads()),
            "head" => single(&on_branch(self.heads()))?.into_iter().collect(),
            _ => {
                let found = self.identified(symbol, branch)?;
                if let (Some(branch), Some(label)) = (branch, label)
                    && !self.shares_line(found, branch)
                {
                    return Err(Unresolved::NotOfBranch(found, label.to_owned()));
                }
                vec![found]
            }
        };
        Ok(Resolved { revisions, branch })
    }

    fn branch(&self, label: &str) -> Result<RevisionIndex, Unresolved> {
        self.identified(label, None)
    }

    /// Exactly this id or label, else the only one of more than three characters that starts so.
    fn identified(
        &self,
        name: &str,
        branch: Option<RevisionIndex>,
    ) -> Result<RevisionIndex, Unresolved> {
        if let Some(found) = self.find_id_or_label(name) {
            return Ok(found);
        }
        let mut found: Vec<(RevisionIndex, &str)> = Vec::new();
        for (index, revision) in self.iter().filter(|(index, _)| !self.is_shadowed(*index)) {
            let names = revision.id_text().into_iter().chain(revision.labels());
            let is_it = |text: &&str| text.chars().count() > 3 && text.starts_with(name);
            found.extend(names.filter(is_it).map(|text| (index, text)));
        }
        found.retain(|&(index, _)| branch.is_none_or(|branch| self.shares_line(index, branch)));
        match found.as_slice() {
            [] => Err(Unresolved::Unknown(name.to_owned())),
            [(index, _)] if !name.is_empty() => Ok(*index),
            several => {
                let names = several.iter().take(3).map(|(_, text)| (*text).to_owned()).collect();
                Err(Unresolved::Ambiguous(name.to_owned(), names))
            }
        }
    }

    /// Whether one comes after the other over `down_revision`, or they are one.
    fn shares_line(&self, one: RevisionIndex, other: RevisionIndex) -> bool {
        one == other || self.is_down_ancestor(one, other) || self.is_down_ancestor(other, one)
    }

    /// Where a walk up begins: of the revisions of the branch that are there, the topmost.
    fn start_above(
        &self,
        above: &[RevisionIndex],
        branch: Option<RevisionIndex>,
    ) -> Result<Option<RevisionIndex>, Unresolved> {
        let Some(branch) = branch else { return single(above) };
        let on_branch = |index: &RevisionIndex| self.shares_line(*index, branch);
        let direct: Vec<RevisionIndex> = above.iter().copied().filter(on_branch).collect();
        if !direct.is_empty() {
            return single(&direct);
        }
        let is_there =
            |index: &RevisionIndex| above.iter().any(|&one| self.is_ancestor(*index, one));
        let there: Vec<RevisionIndex> = self.indices().filter(on_branch).filter(is_there).collect();
        let tops: Vec<RevisionIndex> = there
            .iter()
            .copied()
            .filter(|&one| !there.iter().any(|&other| self.down(other).any(|down| down == one)))
            .collect();
        single(&tops)
    }

    fn walk(
        &self,
        start: Option<RevisionIndex>,
        steps: i64,
        branch: Option<RevisionIndex>,
        name: &str,
    ) -> Result<Option<RevisionIndex>, Unresolved> {
        let mut at = start;
        for step in 0..steps.unsigned_abs() {
            let next: Vec<RevisionIndex> = match (at, steps > 0) {
                (None, true) => self.bases().to_vec(),
                (Some(at), true) => self.children(at).collect(),
                // Before the first revision stands nothing more, but a walk may begin at the heads.
                (None, false) if step == 0 => self.heads().to_vec(),
                (None, false) => return Err(Unresolved::TooFar(name.to_owned())),
                (Some(at), false) => self.down(at).collect(),
            };
            let is_on = |one: &RevisionIndex| {
                steps < 0 || branch.is_none_or(|branch| self.shares_line(*one, branch))
            };
            let next: Vec<RevisionIndex> = next.into_iter().filter(is_on).collect();
            at = match next.as_slice() {
                [] if steps < 0 => None,
                [] => return Err(Unresolved::TooFar(name.to_owned())),
                [one] => Some(*one),
                several => return Err(Unresolved::AmbiguousWay(several.to_vec())),
            };
        }
        Ok(at)
    }

    /// Every id and branch label, to tell what a name was meant to be.
    pub fn known_names(&self) -> Vec<&str> {
        let mut names = vec!["base", "head", "heads"];
        for revision in self.revisions() {
            if !matches!(revision.id, Id::Missing) {
                names.extend(revision.id_text());
            }
            names.extend(revision.labels());
        }
        names
    }
}

impl<'a> Relative<'a> {
    fn of(name: &'a str) -> Option<Self> {
        let (branch, rest) = match name.split_once('@') {
            Some((branch, rest)) if !branch.is_empty() => (Some(branch), rest),
            Some(_) => return None,
            None => (None, name),
        };
        let at = rest.find(['+', '-'])?;
        let (symbol, number) = rest.split_at(at);
        let is_word = |character: char| character.is_alphanumeric() || character == '_';
        if !symbol.chars().all(is_word) || !number[1..].bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let steps = number.parse().ok()?;
        Some(Self { branch, symbol: (!symbol.is_empty()).then_some(symbol), steps })
    }
}

/// The one revision, if there is any.
fn single(revisions: &[RevisionIndex]) -> Result<Option<RevisionIndex>, Unresolved> {
    match revisions {
        [] => Ok(None),
        [one] => Ok(Some(*one)),
        several => Err(Unresolved::ManyHeads(several.to_vec())),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use diagnostics::{Encoding, FileId, SourceFile};
    use revision::Revision;

    use super::*;

    /// Two branches from `aaaa1`, one of them labelled, and a base of its own.
    fn chain() -> Chain {
        let files = [
            ("aaaa1", "None", ""),
            ("aaaa2", "'aaaa1'", ""),
            ("bbbb1", "'aaaa1'", "branch_labels = 'side'"),
            ("bbbb2", "'bbbb1'", ""),
        ];
        let read = files.iter().zip(0..).map(|((id, down, more), number)| {
            let text = format!("revision = '{id}'\ndown_revision = {down}\n{more}\n");
            let source = SourceFile::new(PathBuf::from("a.py"), text, Encoding::UTF_8);
            Revision::read(FileId::new(number), &source)
        });
        Chain::new(read.collect())
    }

    fn resolved(name: &str) -> Result<Vec<String>, Unresolved> {
        let chain = chain();
        let found = chain.resolve(name, &[], chain.heads())?;
        let id = |&index: &RevisionIndex| chain[index].id_text().unwrap_or_default().to_owned();
        Ok(found.revisions.iter().map(id).collect())
    }

    #[test]
    fn names_stand_for_what_alembic_takes_them_for() {
        for (name, expected) in [
            ("aaaa2", &["aaaa2"][..]),
            ("bbbb1", &["bbbb1"]),
            ("side", &["bbbb1"]),
            ("base", &[]),
            ("heads", &["aaaa2", "bbbb2"]),
            ("side@head", &["bbbb2"]),
            ("+1", &["aaaa1"]),
            ("side@+2", &["bbbb1"]),
            ("side@-1", &["bbbb1"]),
            ("bbbb2-2", &["aaaa1"]),
            ("bbbb2-3", &[]),
            ("bbbb1+1", &["bbbb2"]),
        ] {
            assert_eq!(
                resolved(name).as_deref(),
                Ok(&expected.iter().map(ToString::to_string).collect::<Vec<_>>()[..]),
                "{name}"
            );
        }
    }

    #[test]
    fn names_that_stand_for_nothing_say_why() {
        assert!(matches!(resolved("head"), Err(Unresolved::ManyHeads(_))));
        assert!(matches!(resolved("-1"), Err(Unresolved::ManyHeads(_))));
        assert!(matches!(resolved("+2"), Err(Unresolved::AmbiguousWay(_))));
        assert!(matches!(resolved("bbbb2-4"), Err(Unresolved::TooFar(_))));
        assert!(matches!(resolved("side@aaaa2"), Err(Unresolved::NotOfBranch(..))));
        assert_eq!(resolved("cccc"), Err(Unresolved::Unknown("cccc".to_owned())));
        let several = vec!["aaaa1".to_owned(), "aaaa2".to_owned()];
        assert_eq!(resolved("aaa"), Err(Unresolved::Ambiguous("aaa".to_owned(), several)));
        assert!(resolved("").is_err());
    }
}

//! What a merge would make of each file, told from the contents on both sides.

use std::collections::BTreeMap;
use std::path::PathBuf;

use git::{BlobId, Files};

/// The files of a folder in three places.
pub(super) struct Sides<'a> {
    /// In the working tree.
    pub(super) now: &'a Files,
    /// On the base.
    pub(super) theirs: &'a Files,
    /// Where the branches parted; several after criss-cross merges.
    pub(super) before: &'a [Files],
}

/// What becomes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate<'a> {
    /// It is as it is in the working tree.
    Stays,
    /// The base changed or added it.
    Brought(&'a BlobId),
    /// The base deleted it.
    Taken,
    /// The base has it and this branch changed it, from this.
    Changed(&'a BlobId),
    /// The base has it and this branch deleted it; it held this.
    Deleted(&'a BlobId),
}

impl<'a> Fate<'a> {
    /// What is to be read for it.
    pub(super) const fn content(&self) -> Option<&'a BlobId> {
        match self {
            Self::Brought(content) | Self::Changed(content) | Self::Deleted(content) => {
                Some(content)
            }
            Self::Stays | Self::Taken => None,
        }
    }
}

impl<'a> Sides<'a> {
    /// The fate of every file of either side.
    pub(super) fn fates(&self) -> BTreeMap<&'a PathBuf, Fate<'a>> {
        let paths = self.now.keys().chain(self.theirs.keys());
        paths.map(|path| (path, self.fate(path))).collect()
    }

    fn fate(&self, path: &PathBuf) -> Fate<'a> {
        let (now, theirs) = (self.now.get(path), self.theirs.get(path));
        let before: Vec<&BlobId> = self.before.iter().filter_map(|files| files.get(path)).collect();
        let is_untouched = now.is_some_and(|now| before.contains(&now));
        match (now, theirs) {
            (Some(now), Some(theirs)) if now == theirs => Fate::Stays,
            (Some(_), Some(theirs)) if is_untouched => Fate::Brought(theirs),
            // Both added a file of this name; that is a conflict, and no revision changed.
            (Some(_), Some(theirs)) => Fate::Changed(before.first().copied().unwrap_or(theirs)),
            (Some(_), None) if is_untouched => Fate::Taken,
            (Some(_) | None, None) => Fate::Stays,
            (None, Some(theirs)) => match before.first() {
                Some(before) => Fate::Deleted(before),
                None => Fate::Brought(theirs),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Files as `name=content`, parted by blanks.
    fn files(text: &str) -> Files {
        let pairs = text.split_whitespace().filter_map(|pair| pair.split_once('='));
        pairs.map(|(name, content)| (PathBuf::from(name), BlobId::from(content))).collect()
    }

    fn fate(now: &str, theirs: &str, before: &[&str]) -> String {
        let (now, theirs) = (files(now), files(theirs));
        let before: Vec<Files> = before.iter().map(|text| files(text)).collect();
        let sides = Sides { now: &now, theirs: &theirs, before: &before };
        let fates = sides.fates();
        let (_, fate) = fates.into_iter().next().expect("one file");
        let text = format!("{fate:?}").to_lowercase();
        text.replace("blobid(\"", "").replace("\")", "")
    }

    #[test]
    fn each_side_keeps_what_it_alone_changed() {
        assert_eq!(fate("a=1", "a=1", &["a=1"]), "stays");
        assert_eq!(fate("a=1", "a=2", &["a=1"]), "brought(2)");
        assert_eq!(fate("a=2", "a=1", &["a=1"]), "changed(1)");
        assert_eq!(fate("a=2", "a=2", &["a=1"]), "stays", "both alike");
        assert_eq!(fate("a=2", "a=3", &["a=1"]), "changed(1)", "a conflict");
    }

    #[test]
    fn what_one_side_lacks_was_added_or_deleted() {
        assert_eq!(fate("a=1", "", &[""]), "stays", "added here");
        assert_eq!(fate("", "a=1", &[""]), "brought(1)", "added there");
        assert_eq!(fate("a=1", "", &["a=1"]), "taken", "deleted there");
        assert_eq!(fate("a=2", "", &["a=1"]), "stays", "deleted there and changed here");
        assert_eq!(fate("", "a=2", &["a=1"]), "deleted(1)", "deleted here");
    }

    #[test]
    fn of_several_beginnings_any_may_tell() {
        assert_eq!(fate("a=1", "a=2", &["a=0", "a=1"]), "brought(2)");
        assert_eq!(fate("", "a=2", &["", "a=2"]), "deleted(2)");
    }
}

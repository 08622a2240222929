//! The tree of files as it is on disk, changed by edits that are not written yet.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io;
use std::path::{Path, PathBuf};

use diagnostics::{DecodeError, Encoding, SourceFile};

use crate::Base;

/// Texts that stand in for files: fixes are tried here until nothing is left to mend, and only
/// then written.
#[derive(Clone, Debug, Default)]
pub struct Overlay {
    files: BTreeMap<PathBuf, Option<Changed>>,
    /// What a merge would bring, below the edits: contents, `None` for files that it takes away.
    /// It is read and never written.
    brought: BTreeMap<PathBuf, Option<Vec<u8>>>,
}

#[derive(Clone, Debug)]
struct Changed {
    text: String,
    encoding: Encoding,
    /// The path at which the file was read, where it has taken another name since.
    renamed_from: Option<PathBuf>,
}

impl Overlay {
    /// The disk as it is.
    pub const fn new() -> Self {
        Self { files: BTreeMap::new(), brought: BTreeMap::new() }
    }

    /// The same, over the tree as it would be after a merge with `base`.
    #[must_use]
    pub fn over(&self, base: &Base) -> Self {
        let mut over = self.clone();
        let brought = base.brought();
        over.brought.extend(brought.map(|(path, bytes)| (path.clone(), bytes.map(<[u8]>::to_vec))));
        over
    }

    /// Whether the file at `path` is there, or is as it is, only after the merge.
    pub fn is_brought(&self, path: &Path) -> bool {
        self.brought.contains_key(path)
    }

    /// Whether nothing is changed.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Reads the file at `path` as it stands after the changes.
    pub fn read(&self, path: &Path) -> io::Result<(SourceFile, Option<DecodeError>)> {
        let gone = || Err(io::Error::from(io::ErrorKind::NotFound));
        match (self.files.get(path), self.brought.get(path)) {
            (Some(Some(text)), _) => {
                Ok((SourceFile::new(path.to_path_buf(), text.text.as_str(), text.encoding), None))
            }
            (Some(None), _) | (None, Some(None)) => gone(),
            (None, Some(Some(bytes))) => Ok(SourceFile::decode(path.to_path_buf(), bytes.clone())),
            (None, None) => SourceFile::read(path),
        }
    }

    /// The bytes that stand in for the file at `path`, where it is changed.
    pub fn bytes(&self, path: &Path) -> Option<Vec<u8>> {
        match self.files.get(path) {
            Some(text) => text.as_ref().and_then(|text| text.encoding.encode(&text.text)),
            None => self.brought.get(path)?.clone(),
        }
    }

    /// The files of a listing as they are named after the changes: files that are gone left out,
    /// new files of the same folders added, in the order of their names.
    pub fn list(&self, listed: &[PathBuf]) -> Vec<PathBuf> {
        if self.files.is_empty() && self.brought.is_empty() {
            return listed.to_vec();
        }
        let is_gone = |path: &Path| match self.files.get(path) {
            Some(text) => text.is_none(),
            None => matches!(self.brought.get(path), Some(None)),
        };
        let mut new = self.new_files(listed);
        let mut paths = Vec::with_capacity(listed.len() + new.len());
        let mut folder = None;
        for path in listed {
            if folder.is_some() && folder != path.parent() {
                let rest = folder.and_then(|folder| new.remove(folder));
                paths.extend(rest.into_iter().flatten().cloned());
            }
            folder = path.parent();
            if let Some(beside) = folder.and_then(|folder| new.get_mut(folder)) {
                let later = beside.split_off(path);
                paths.extend(std::mem::replace(beside, later).into_iter().cloned());
            }
            if !is_gone(path) {
                paths.push(path.clone());
            }
        }
        let rest = folder.and_then(|folder| new.remove(folder)).into_iter();
        paths.extend(rest.chain(new.into_values()).flatten().cloned());
        paths
    }

    /// The revision files that are not on disk, by folder: what edits write beside those `listed`,
    /// and what a merge brings.
    fn new_files(&self, listed: &[PathBuf]) -> BTreeMap<&Path, BTreeSet<&PathBuf>> {
        let known: HashSet<&PathBuf> = listed.iter().collect();
        let folders: HashSet<&Path> = listed.iter().filter_map(|path| path.parent()).collect();
        let edited = self.files.iter().filter(|(path, text)| {
            text.is_some() && path.parent().is_some_and(|folder| folders.contains(folder))
        });
        let brought = self.brought.iter().filter(|(path, bytes)| {
            bytes.is_some() && !matches!(self.files.get(*path), Some(None))
        });
        let mut new: BTreeMap<&Path, BTreeSet<&PathBuf>> = BTreeMap::new();
        for path in edited.map(|(path, _)| path).chain(brought.map(|(path, _)| path)) {
            let is_python = path.extension().is_some_and(|extension| extension == "py");
            if let Some(folder) = path.parent().filter(|_| is_python && !known.contains(path)) {
                new.entry(folder).or_default().insert(path);
            }
        }
        new
    }

    /// Puts `text` at `path`.
    pub fn put(&mut self, path: PathBuf, text: String, encoding: Encoding) {
        let before = self.files.get(&path).and_then(Option::as_ref);
        let renamed_from = before.and_then(|before| before.renamed_from.clone());
        self.files.insert(path, Some(Changed { text, encoding, renamed_from }));
    }

    /// Puts `text` at `to` and takes the file at `from` away.
    pub fn rename(&mut self, from: PathBuf, to: PathBuf, text: String, encoding: Encoding) {
        let before = self.files.insert(from.clone(), None).flatten();
        let renamed_from = before.and_then(|before| before.renamed_from).or(Some(from));
        self.files.insert(to, Some(Changed { text, encoding, renamed_from }));
    }

    /// The path at which the file at `path` was read, where it has another name now.
    pub fn renamed_from(&self, path: &Path) -> Option<&Path> {
        self.files.get(path)?.as_ref()?.renamed_from.as_deref()
    }

    /// Whether a file stands at `path` after the changes.
    pub fn exists(&self, path: &Path) -> bool {
        match self.files.get(path) {
            Some(text) => text.is_some(),
            None if self.brought.get(path).is_some_and(Option::is_some) => true,
            None => path.symlink_metadata().is_ok(),
        }
    }

    /// The changed paths, sorted, each with its new text, or `None` where the file is gone.
    pub fn changes(&self) -> impl Iterator<Item = (&Path, Option<(&str, Encoding)>)> {
        self.files.iter().map(|(path, text)| {
            (path.as_path(), text.as_ref().map(|text| (text.text.as_str(), text.encoding)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(names: &[&str]) -> Vec<PathBuf> {
        names.iter().map(PathBuf::from).collect()
    }

    #[test]
    fn a_listing_is_in_load_order_after_edits_and_after_a_merge() {
        let listed = paths(&["v/b.py", "v/d.py", "v/2024/a.py", "w/b.py"]);
        let mut overlay = Overlay::new();
        assert_eq!(overlay.list(&listed), listed);
        let brought = |name: &str, text: Option<&str>| {
            (PathBuf::from(name), text.map(|text| text.as_bytes().to_vec()))
        };
        overlay.brought.extend([
            brought("v/c.py", Some("")),
            brought("v/d.py", None),
            brought("x/z.py", Some("")),
            brought("w/b.py", Some("changed")),
        ]);
        overlay.put("v/a.py".into(), String::new(), Encoding::UTF_8);
        overlay.put("v/e.py".into(), String::new(), Encoding::UTF_8);
        overlay.put("other/e.py".into(), String::new(), Encoding::UTF_8);
        overlay.rename("v/b.py".into(), "v/0.py".into(), String::new(), Encoding::UTF_8);
        let expected = ["v/0.py", "v/a.py", "v/c.py", "v/e.py", "v/2024/a.py", "w/b.py", "x/z.py"];
        assert_eq!(overlay.list(&listed), paths(&expected));
        assert_eq!(overlay.bytes(Path::new("w/b.py")).as_deref(), Some(&b"changed"[..]));
        assert!(overlay.is_brought(Path::new("w/b.py")));
        let written: Vec<&Path> = overlay.changes().map(|(path, _)| path).collect();
        assert!(
            !written.contains(&Path::new("w/b.py")),
            "what a merge brings is not ours to write"
        );
    }
}

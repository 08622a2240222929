//! The tree of files as it is on disk, changed by edits that are not written yet.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use diagnostics::{DecodeError, Encoding, SourceFile};

/// Texts that stand in for files: fixes are tried here until nothing is left to mend, and only
/// then written.
#[derive(Clone, Debug, Default)]
pub struct Overlay {
    files: BTreeMap<PathBuf, Option<Changed>>,
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
        Self { files: BTreeMap::new() }
    }

    /// Whether nothing is changed.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Reads the file at `path` as it stands after the changes.
    pub fn read(&self, path: &Path) -> io::Result<(SourceFile, Option<DecodeError>)> {
        match self.files.get(path) {
            None => SourceFile::read(path),
            Some(Some(text)) => {
                Ok((SourceFile::new(path.to_path_buf(), text.text.as_str(), text.encoding), None))
            }
            Some(None) => Err(io::Error::from(io::ErrorKind::NotFound)),
        }
    }

    /// The bytes that stand in for the file at `path`, where it is changed.
    pub fn bytes(&self, path: &Path) -> Option<Vec<u8>> {
        let text = self.files.get(path)?.as_ref()?;
        text.encoding.encode(&text.text)
    }

    /// The files of a listing as they are named after the changes: files that are gone left out,
    /// new files of the same folders added, in the order of their names.
    pub fn list(&self, listed: &[PathBuf]) -> Vec<PathBuf> {
        if self.files.is_empty() {
            return listed.to_vec();
        }
        let is_gone = |path: &Path| matches!(self.files.get(path), Some(None));
        let mut paths: Vec<PathBuf> =
            listed.iter().filter(|path| !is_gone(path)).cloned().collect();
        for (path, text) in &self.files {
            let is_new = text.is_some() && !listed.contains(path);
            let is_beside = listed.iter().any(|known| known.parent() == path.parent());
            if !is_new || !is_beside || path.extension().is_none_or(|extension| extension != "py") {
                continue;
            }
            let at = paths
                .iter()
                .position(|known| known.parent() == path.parent() && known > path)
                .or_else(|| {
                    let last = paths.iter().rposition(|known| known.parent() == path.parent());
                    last.map(|last| last + 1)
                });
            paths.insert(at.unwrap_or(paths.len()), path.clone());
        }
        paths
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

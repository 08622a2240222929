//! The files of a folder: at a commit, and as they are in the working tree.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::command::{ask, ask_with, fields, line, path};
use crate::{Commit, GitError, Repository};

/// The id of a content.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BlobId(pub(crate) Box<str>);

impl From<&str> for BlobId {
    fn from(digits: &str) -> Self {
        Self(digits.into())
    }
}

/// The Python files of a folder by their paths below it, each with its content.
pub type Files = BTreeMap<PathBuf, BlobId>;

/// A folder of a repository by its path below the root; empty for the root.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Folder(pub(crate) PathBuf);

impl Folder {
    /// The path below the root.
    pub fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn pathspec(&self) -> OsString {
        if self.0.as_os_str().is_empty() { OsString::from(".") } else { self.0.clone().into() }
    }

    fn below(&self, path: &Path) -> Option<PathBuf> {
        let below = path.strip_prefix(&self.0).ok()?;
        below.extension().is_some_and(|extension| extension == "py").then(|| below.to_path_buf())
    }
}

impl Repository {
    /// `folder`, which need not exist any more, as one of this repository; `None` where it is not.
    pub fn folder(&self, folder: &Path) -> Option<Folder> {
        let mut missing = Vec::new();
        let mut at = folder;
        let real = loop {
            match std::fs::canonicalize(at) {
                Ok(real) => break real,
                Err(_) => missing.push(at.file_name()?),
            }
            at = at.parent()?;
        };
        let mut below = real.strip_prefix(self.root()).ok()?.to_path_buf();
        below.extend(missing.into_iter().rev());
        Some(Folder(below))
    }

    /// The files of `folder` at `commit`; none where it did not exist then.
    pub fn files_at(&self, commit: &Commit, folder: &Folder) -> Result<Files, GitError> {
        let mut arguments: Vec<OsString> =
            ["ls-tree", "-r", "-z", "--full-tree", commit.as_str()].map(OsString::from).to_vec();
        if !folder.0.as_os_str().is_empty() {
            arguments.push("--".into());
            arguments.push(folder.0.clone().into());
        }
        let out = ask(self.root(), arguments)?;
        // `<mode> <type> <id>\t<path>`
        let files = fields(&out).filter_map(|field| {
            let tab = field.iter().position(|&byte| byte == b'\t')?;
            let about = std::str::from_utf8(&field[..tab]).ok()?;
            let mut about = about.split(' ');
            let (mode, _, id) = (about.next()?, about.next()?, about.next()?);
            let below = folder.below(&path(&field[tab + 1..]))?;
            mode.starts_with("100").then(|| (below, BlobId(id.into())))
        });
        Ok(files.collect())
    }

    /// The files of `folder` as they are in the working tree, also those that git ignores.
    pub fn files_now(&self, folder: &Folder) -> Result<Files, GitError> {
        let spec = folder.pathspec();
        let with = |arguments: &[&str]| {
            let mut arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
            arguments.extend(["--".into(), spec.clone()]);
            ask(self.root(), arguments)
        };
        let (staged, (changed, others)) = std::thread::scope(|scope| {
            let changed = scope.spawn(|| with(&["diff", "--no-ext-diff", "--name-only", "-z"]));
            let others = scope.spawn(|| with(&["ls-files", "--others", "-z"]));
            let staged = with(&["ls-files", "--stage", "-z"]);
            let lost = |_| Err(GitError::new("a thread that waits for git ended early"));
            (staged, (changed.join().unwrap_or_else(lost), others.join().unwrap_or_else(lost)))
        });
        let (staged, changed, others) = (staged?, changed?, others?);
        let mut files = Files::new();
        let mut unsure: BTreeSet<PathBuf> = BTreeSet::new();
        // `<mode> <id> <stage>\t<path>`
        for field in fields(&staged) {
            let Some(tab) = field.iter().position(|&byte| byte == b'\t') else { continue };
            let about = String::from_utf8_lossy(&field[..tab]);
            let whole = path(&field[tab + 1..]);
            let Some(below) = folder.below(&whole) else { continue };
            let mut about = about.split(' ');
            let (mode, id, stage) = (about.next(), about.next(), about.next());
            if stage != Some("0") {
                unsure.insert(below);
            } else if mode.is_some_and(|mode| mode.starts_with("100")) {
                files.insert(below, BlobId(id.unwrap_or_default().into()));
            }
        }
        // Both are relative to the folder that git runs in, which is the root.
        let unsure_paths = fields(&changed).chain(fields(&others)).map(path);
        unsure.extend(unsure_paths.filter_map(|path| folder.below(&path)));
        self.hash(folder, &unsure, &mut files)?;
        Ok(files)
    }

    /// Puts the contents of `paths` as they are on disk into `files`.
    fn hash(
        &self,
        folder: &Folder,
        paths: &BTreeSet<PathBuf>,
        files: &mut Files,
    ) -> Result<(), GitError> {
        let is_file = |below: &&PathBuf| {
            let found = self.root().join(&folder.0).join(below).symlink_metadata();
            found.is_ok_and(|metadata| metadata.is_file())
        };
        let (here, gone): (Vec<&PathBuf>, Vec<&PathBuf>) = paths.iter().partition(is_file);
        for path in gone {
            files.remove(path);
        }
        for part in here.chunks(200) {
            let mut arguments = vec![OsString::from("hash-object"), OsString::from("--")];
            arguments.extend(part.iter().map(|below| folder.0.join(below).into_os_string()));
            let out = ask(self.root(), arguments)?;
            for (below, id) in part.iter().zip(line(&out).lines()) {
                files.insert((*below).clone(), BlobId(id.into()));
            }
        }
        Ok(())
    }

    /// The folder of `commit` that holds the most of these contents, where it holds most of
    /// `files`: a folder that was renamed since, or before.
    pub fn folder_of(&self, commit: &Commit, files: &Files) -> Result<Option<Folder>, GitError> {
        let wanted: BTreeMap<&BlobId, &PathBuf> =
            files.iter().map(|(path, id)| (id, path)).collect();
        let all = self.files_at(commit, &Folder(PathBuf::new()))?;
        let mut counts: BTreeMap<PathBuf, usize> = BTreeMap::new();
        for (path, id) in &all {
            let Some(below) = wanted.get(id) else { continue };
            // Where `below` has folders of its own, the folder is above them.
            let depth = below.components().count();
            if let Some(folder) = path.ancestors().nth(depth) {
                *counts.entry(folder.to_path_buf()).or_default() += 1;
            }
        }
        // A folder that is still there was copied, not renamed.
        counts.retain(|folder, _| !holds_python(&self.root().join(folder)));
        let best = counts.into_iter().max_by_key(|(_, count)| *count);
        Ok(best.filter(|(_, count)| count * 2 >= files.len()).map(|(folder, _)| Folder(folder)))
    }

    /// The contents called `ids`, in their order.
    ///
    /// # Errors
    /// Also where one is missing, as in a partial clone without its remote.
    pub fn read(&self, ids: &[&BlobId]) -> Result<Vec<Vec<u8>>, GitError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut input = String::with_capacity(ids.len() * 41);
        for id in ids {
            input.push_str(&id.0);
            input.push('\n');
        }
        let out = ask_with(self.root(), ["cat-file", "--batch"], input.as_bytes())?;
        let mut contents = Vec::with_capacity(ids.len());
        let mut rest = &out[..];
        for id in ids {
            let (content, after) = next_content(rest).ok_or_else(|| {
                GitError::new(format!("the object `{}` is missing from this clone", id.0))
                    .repaired_by("git fetch --refetch")
            })?;
            contents.push(content.to_vec());
            rest = after;
        }
        Ok(contents)
    }
}

fn holds_python(folder: &Path) -> bool {
    let mut files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    files.any(|file| file.path().extension().is_some_and(|extension| extension == "py"))
}

/// `<id> blob <size>\n<content>\n`, and what follows.
fn next_content(out: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = out.iter().position(|&byte| byte == b'\n')?;
    let size: usize = std::str::from_utf8(&out[..end]).ok()?.rsplit(' ').next()?.parse().ok()?;
    let content = out.get(end + 1..end + 1 + size)?;
    Some((content, out.get(end + 2 + size..).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_are_cut_by_their_size() {
        let out = b"ab12 blob 3\na\nb\ncd34 blob 0\n\nef56 missing\n";
        let (first, rest) = next_content(out).expect("a content");
        assert_eq!(first, b"a\nb");
        let (second, rest) = next_content(rest).expect("a content");
        assert_eq!(second, b"");
        assert_eq!(next_content(rest), None, "what is missing has no size");
    }

    #[test]
    fn only_python_files_below_the_folder_count() {
        let folder = Folder(PathBuf::from("db/versions"));
        let below = |path: &str| folder.below(Path::new(path));
        assert_eq!(below("db/versions/2024/a.py"), Some(PathBuf::from("2024/a.py")));
        assert_eq!(below("db/versions/a.txt"), None);
        assert_eq!(below("db/versions2/a.py"), None);
    }
}

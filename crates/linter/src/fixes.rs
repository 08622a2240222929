//! Fixes: those that several rules share, and the making of all of them: in memory until nothing more is to
//! do, then on disk.

pub(crate) mod concurrent;
pub(crate) mod enums;
pub(crate) mod existing;
pub(crate) mod imports;
pub(crate) mod validation;
pub(crate) mod way_back;
pub(crate) mod wrapping;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use diagnostics::{Applicability, Diagnostic, Edit, Encoding, FileId, Fix, SourceFile, Sources};

use crate::Overlay;

/// Which fixes are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FixMode {
    /// Safe ones.
    Safe,
    /// All.
    Unsafe,
}

/// What one pass of [`apply`] did.
#[derive(Debug, Default)]
pub struct Applied {
    /// The fixes made, as rule and title, in order.
    pub made: Vec<(&'static str, String)>,
    /// The fixes that could not be made, with the reason; they would fail again.
    pub refused: Vec<(&'static str, String)>,
}

/// One file that differs from what is on disk.
#[derive(Debug, PartialEq, Eq)]
pub struct Change {
    /// The path before; `None` for a new file.
    pub before: Option<PathBuf>,
    /// The path after; another one for a renamed file.
    pub after: PathBuf,
    /// The text before.
    pub old: String,
    /// The text after.
    pub new: String,
}

/// What became of one change on disk.
#[derive(Debug)]
pub enum Outcome {
    /// The file was written.
    Written(PathBuf),
    /// The file was left as it was.
    Failed(WriteError),
}

/// Why a file was left as it was.
#[derive(Debug)]
pub struct WriteError {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub message: String,
}

impl fmt::Display for WriteError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.path.display(), self.message)
    }
}

impl std::error::Error for WriteError {}

impl FixMode {
    fn allows(self, fix: &Fix) -> bool {
        self == Self::Unsafe || fix.applicability == Applicability::Safe
    }
}

/// Makes the fixes of `diagnostics` that `mode` allows and that do not collide, into `overlay`.
/// Of two that collide the first is made; the other gets its turn in the next pass.
pub fn apply(
    diagnostics: &[Diagnostic],
    sources: &Sources,
    mode: FixMode,
    overlay: &mut Overlay,
) -> Applied {
    let mut plan = Plan::default();
    let mut applied = Applied::default();
    for diagnostic in diagnostics {
        let Some(fix) = diagnostic.fix.as_ref().filter(|fix| mode.allows(fix)) else { continue };
        if plan.accept(fix, sources, overlay) {
            applied.made.push((diagnostic.rule, fix.title.clone()));
            plan.rules.push((diagnostic.rule, fix.title.clone(), files_of(fix)));
        }
    }
    let broken = plan.carry_out(sources, overlay);
    if broken.is_empty() {
        return applied;
    }
    applied.made.clear();
    for (rule, title, files) in plan.rules {
        match files.iter().find_map(|file| broken.get(file)) {
            Some(why) => applied.refused.push((rule, format!("{title}: {why}"))),
            None => applied.made.push((rule, title)),
        }
    }
    applied
}

/// The edits accepted so far, by file.
#[derive(Default)]
struct Plan {
    /// Replacements: start, end, text.
    replaced: BTreeMap<FileId, Vec<(u32, u32, String)>>,
    renamed: BTreeMap<FileId, PathBuf>,
    created: BTreeMap<PathBuf, String>,
    taken: BTreeSet<PathBuf>,
    rules: Vec<(&'static str, String, Vec<FileId>)>,
}

impl Plan {
    /// Takes all edits of `fix`, or none.
    fn accept(&mut self, fix: &Fix, sources: &Sources, overlay: &Overlay) -> bool {
        // What only the other side of a merge has is not ours to write.
        let is_brought = |file: &FileId| overlay.is_brought(sources.file(*file).path());
        if files_of(fix).iter().any(is_brought) {
            return false;
        }
        let is_free = |path: &PathBuf, taken: &BTreeSet<PathBuf>| {
            !taken.contains(path) && !overlay.exists(path)
        };
        let fits = fix.edits.iter().all(|edit| match edit {
            Edit::Replace { place, .. } => {
                let (start, end) = (place.span.start, place.span.end);
                let others = self.replaced.get(&place.file).map_or(&[][..], Vec::as_slice);
                others.iter().all(|&(from, to, _)| end < from || to < start)
            }
            Edit::Create { path, .. } => is_free(path, &self.taken),
            Edit::Rename { file, to } => {
                !self.renamed.contains_key(file) && is_free(to, &self.taken)
            }
        });
        if !fits || fix.edits.is_empty() {
            return false;
        }
        for edit in &fix.edits {
            match edit {
                Edit::Replace { place, text } => {
                    let edits = self.replaced.entry(place.file).or_default();
                    edits.push((place.span.start, place.span.end, text.clone()));
                }
                Edit::Create { path, text } => {
                    self.taken.insert(path.clone());
                    self.created.insert(path.clone(), text.clone());
                }
                Edit::Rename { file, to } => {
                    self.taken.insert(to.clone());
                    self.renamed.insert(*file, to.clone());
                }
            }
        }
        true
    }

    /// Puts the new texts into `overlay`. A file whose new text would not parse, or that its
    /// encoding cannot hold, stays as it was and is returned with the reason.
    fn carry_out(&self, sources: &Sources, overlay: &mut Overlay) -> BTreeMap<FileId, String> {
        let mut broken = BTreeMap::new();
        let files: BTreeSet<FileId> =
            self.replaced.keys().chain(self.renamed.keys()).copied().collect();
        for file in files {
            let source = sources.file(file);
            let edits = self.replaced.get(&file).map_or(&[][..], Vec::as_slice);
            let text = edited(source, edits);
            if let Err(why) = check(source, &text) {
                broken.insert(file, why);
                continue;
            }
            let path = source.path().to_path_buf();
            match self.renamed.get(&file) {
                Some(to) => overlay.rename(path, to.clone(), text, source.encoding()),
                None => overlay.put(path, text, source.encoding()),
            }
        }
        for (path, text) in &self.created {
            overlay.put(path.clone(), text.clone(), Encoding::UTF_8);
        }
        broken
    }
}

/// The text of `source` after `edits`, new lines ended as the file ends its own.
fn edited(source: &SourceFile, edits: &[(u32, u32, String)]) -> String {
    let mut edits: Vec<&(u32, u32, String)> = edits.iter().collect();
    edits.sort_by_key(|&&(start, end, _)| (start, end));
    let old = source.text();
    let line_end = source.line_end();
    let mut text = String::with_capacity(old.len());
    let mut at = 0;
    for (start, end, new) in edits {
        text.push_str(&old[at..*start as usize]);
        if line_end == "\n" {
            text.push_str(new);
        } else {
            text.push_str(&new.replace("\r\n", "\n").replace('\n', line_end));
        }
        at = *end as usize;
    }
    text.push_str(&old[at..]);
    text
}

/// Whether `text` may be written in the place of `source`.
fn check(source: &SourceFile, text: &str) -> Result<(), String> {
    if source.encoding().encode(text).is_none() {
        return Err("the file's encoding lacks a character of the new text".to_owned());
    }
    if source.path().extension().is_some_and(|extension| extension == "py")
        && let Some(error) = python::parse(text).errors.first()
        && python::parse(source.text()).errors.is_empty()
    {
        return Err(format!("the new text would not parse ({})", error.message));
    }
    Ok(())
}

fn files_of(fix: &Fix) -> Vec<FileId> {
    let files = fix.edits.iter().filter_map(|edit| match edit {
        Edit::Replace { place, .. } => Some(place.file),
        Edit::Rename { file, .. } => Some(*file),
        Edit::Create { .. } => None,
    });
    files.collect()
}

/// The changes of `overlay` against the files as they were first read.
pub fn changes(overlay: &Overlay, original: &Sources) -> Vec<Change> {
    let by_path: BTreeMap<&Path, &SourceFile> =
        original.iter().map(|(_, file)| (file.path(), file)).collect();
    let mut changes = Vec::new();
    for (path, text) in overlay.changes() {
        let Some((text, _)) = text else { continue };
        let path_before = overlay.renamed_from(path).unwrap_or(path);
        let before = by_path.get(path_before).copied();
        let old = before.map_or("", SourceFile::text);
        if before.is_some_and(|before| before.path() == path) && old == text {
            continue;
        }
        changes.push(Change {
            before: before.map(|before| before.path().to_path_buf()),
            after: path.to_path_buf(),
            old: old.to_owned(),
            new: text.to_owned(),
        });
    }
    changes
}

/// Writes `changes` to disk, each file as a whole or not at all.
pub fn write(changes: &[Change], original: &Sources) -> Vec<Outcome> {
    let by_path: BTreeMap<&Path, &SourceFile> =
        original.iter().map(|(_, file)| (file.path(), file)).collect();
    changes
        .iter()
        .map(|change| {
            let before = change.before.as_deref().and_then(|path| by_path.get(path).copied());
            match write_one(change, before) {
                Ok(()) => Outcome::Written(change.after.clone()),
                Err(message) => {
                    let path = change.before.as_ref().unwrap_or(&change.after).clone();
                    Outcome::Failed(WriteError { path, message })
                }
            }
        })
        .collect()
}

fn write_one(change: &Change, before: Option<&SourceFile>) -> Result<(), String> {
    let encoding = before.map_or(Encoding::UTF_8, SourceFile::encoding);
    let bytes = encoding.encode(&change.new).ok_or("its encoding lacks a character of the fix")?;
    let io = |error: io::Error| error.to_string();
    if let Some(before) = before {
        let now = fs::read(before.path()).map_err(io)?;
        if encoding.encode(before.text()).is_none_or(|as_read| as_read != now) {
            return Err("changed since it was read, and was left alone; run again".to_owned());
        }
    }
    let is_moved = before.is_none_or(|before| before.path() != change.after);
    if is_moved && change.after.symlink_metadata().is_ok() {
        return Err(format!("`{}` exists already", change.after.display()));
    }
    // A link stays a link: what it points at is replaced.
    let target = project::identity(&change.after);
    let folder = target.parent().filter(|parent| !parent.as_os_str().is_empty());
    let folder = folder.unwrap_or_else(|| Path::new("."));
    let mut file = tempfile::Builder::new()
        .prefix(".migrate-lint-")
        .suffix(".tmp")
        .tempfile_in(folder)
        .map_err(io)?;
    file.write_all(&bytes).and_then(|()| file.as_file().sync_all()).map_err(io)?;
    match before.and_then(|before| fs::metadata(before.path()).ok()) {
        Some(metadata) => fs::set_permissions(file.path(), metadata.permissions()).map_err(io)?,
        None => make_readable(file.path()).map_err(io)?,
    }
    if is_moved {
        file.persist_noclobber(&target).map_err(|error| error.error.to_string())?;
        if let Some(before) = before {
            fs::remove_file(before.path()).map_err(io)?;
        }
    } else {
        file.persist(&target).map_err(|error| error.error.to_string())?;
    }
    Ok(())
}

/// A temporary file is private; a file of the project is as readable as its neighbours.
#[cfg(unix)]
fn make_readable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_readable(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use diagnostics::{Level, Place, Span};

    fn sources(path: &Path, text: &str) -> Sources {
        let mut sources = Sources::new();
        sources.add(SourceFile::new(path.to_path_buf(), text, Encoding::UTF_8));
        sources
    }

    fn diagnostic(edits: Vec<Edit>) -> Diagnostic {
        Diagnostic {
            rule: "a-rule",
            group: "chain",
            level: Level::Error,
            place: Place::start_of(FileId::new(0)),
            message: String::new(),
            help: None,
            related: Vec::new(),
            revision: None,
            chain: None,
            fix: Some(Fix::safe("mend it", edits)),
        }
    }

    fn replace(start: u32, end: u32, text: &str) -> Edit {
        Edit::replace(Place::new(FileId::new(0), Span::new(start, end)), text)
    }

    #[test]
    fn of_two_fixes_that_touch_the_first_is_made() {
        let sources = sources(Path::new("a.py"), "a = 1\n");
        let mut overlay = Overlay::new();
        let both = [diagnostic(vec![replace(4, 5, "2")]), diagnostic(vec![replace(4, 5, "3")])];
        let applied = apply(&both, &sources, FixMode::Safe, &mut overlay);
        assert_eq!(applied.made.len(), 1);
        assert_eq!(changes(&overlay, &sources)[0].new, "a = 2\n");
    }

    #[test]
    fn a_fix_that_breaks_the_file_is_refused() {
        let sources = sources(Path::new("a.py"), "a = 1\n");
        let mut overlay = Overlay::new();
        let broken = [diagnostic(vec![replace(4, 5, "(")])];
        let applied = apply(&broken, &sources, FixMode::Safe, &mut overlay);
        assert!(applied.made.is_empty() && overlay.is_empty());
        assert!(applied.refused[0].1.contains("would not parse"), "{:?}", applied.refused);
    }

    #[test]
    fn unsafe_fixes_wait_to_be_asked_for() {
        let sources = sources(Path::new("a.py"), "a = 1\n");
        let mut risky = diagnostic(vec![replace(4, 5, "2")]);
        risky.fix = Some(Fix::risky("mend it", vec![replace(4, 5, "2")]));
        let mut overlay = Overlay::new();
        assert!(apply(&[risky.clone()], &sources, FixMode::Safe, &mut overlay).made.is_empty());
        assert_eq!(apply(&[risky], &sources, FixMode::Unsafe, &mut overlay).made.len(), 1);
    }

    #[test]
    fn a_file_that_changed_since_it_was_read_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.py");
        fs::write(&path, "a = 3\n").expect("a file");
        let sources = sources(&path, "a = 1\n");
        let mut overlay = Overlay::new();
        apply(&[diagnostic(vec![replace(4, 5, "2")])], &sources, FixMode::Safe, &mut overlay);
        let outcomes = write(&changes(&overlay, &sources), &sources);
        assert!(matches!(&outcomes[..], [Outcome::Failed(error)]
            if error.message.contains("changed since it was read")));
        assert_eq!(fs::read_to_string(&path).expect("the file"), "a = 3\n");
    }

    #[test]
    fn a_renamed_file_keeps_its_text_and_never_takes_the_place_of_another() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, to) = (folder.path().join("a.py"), folder.path().join("b.py"));
        fs::write(&path, "a = 1\n").expect("a file");
        let sources = sources(&path, "a = 1\n");
        let rename = diagnostic(vec![
            replace(4, 5, "2"),
            Edit::Rename { file: FileId::new(0), to: to.clone() },
        ]);
        let mut overlay = Overlay::new();
        apply(std::slice::from_ref(&rename), &sources, FixMode::Safe, &mut overlay);
        fs::write(&to, "somebody else's").expect("a file");
        let outcomes = write(&changes(&overlay, &sources), &sources);
        assert!(matches!(&outcomes[..], [Outcome::Failed(_)]));
        assert_eq!(fs::read_to_string(&to).expect("the file"), "somebody else's");
        fs::remove_file(&to).expect("removed");
        let outcomes = write(&changes(&overlay, &sources), &sources);
        assert!(matches!(&outcomes[..], [Outcome::Written(_)]));
        assert_eq!(fs::read_to_string(&to).expect("the file"), "a = 2\n");
        assert!(!path.exists());
        let left: Vec<_> = fs::read_dir(folder.path()).expect("the folder").collect();
        assert_eq!(left.len(), 1, "no temporary file is left");
    }

    #[test]
    fn a_link_stays_a_link() {
        let folder = tempfile::tempdir().expect("a folder");
        let (real, link) = (folder.path().join("real.py"), folder.path().join("link.py"));
        fs::write(&real, "a = 1\n").expect("a file");
        std::os::unix::fs::symlink("real.py", &link).expect("a link");
        let sources = sources(&link, "a = 1\n");
        let mut overlay = Overlay::new();
        apply(&[diagnostic(vec![replace(4, 5, "2")])], &sources, FixMode::Safe, &mut overlay);
        write(&changes(&overlay, &sources), &sources);
        assert!(link.is_symlink());
        assert_eq!(fs::read_to_string(&real).expect("the file"), "a = 2\n");
    }
}

//! The project's modules as the replay asks for them: read and parsed when first met, and kept.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use diagnostics::{FileId, SourceFile};
use project::ImportSearch;
use python::interpret::Source;
use python::{Parsed, SyntaxError};

use crate::load::own_modules::FOREIGN;
use crate::load::{Modules, read_file};
use crate::{Loaded, Overlay};

/// No application has more modules that its revisions lead to than this many boards hold.
const BOARDS: usize = 1 << 7;

/// How many modules lie on a board.
const BOARD: usize = 1 << 7;

/// The modules that were read during the replay. They lie here until it is over, because trees are
/// borrowed while others are added.
pub(super) struct Shelf {
    first: FileId,
    /// Each put up when the one before is full.
    boards: Vec<OnceLock<Vec<OnceLock<Read>>>>,
}

struct Read {
    source: SourceFile,
    parsed: Parsed,
}

/// Finds modules for replays that run at the same time.
pub(super) struct Library<'a> {
    loaded: &'a Loaded,
    by_path: &'a BTreeMap<PathBuf, FileId>,
    overlay: &'a Overlay,
    shelf: &'a Shelf,
    state: Mutex<State<'a>>,
}

struct State<'a> {
    unparsed: &'a mut BTreeMap<PathBuf, (SourceFile, Option<SyntaxError>)>,
    known: HashMap<PathBuf, Option<Source<'a>>>,
    used: usize,
}

impl Shelf {
    pub(super) fn new(first: FileId) -> Self {
        let mut boards = Vec::new();
        boards.resize_with(BOARDS, OnceLock::new);
        Self { first, boards }
    }

    /// Lays a module at a place; `None` past the last.
    fn put(&self, at: usize, read: Read) -> Option<&Read> {
        let board = self.boards.get(at / BOARD)?.get_or_init(|| {
            let mut board = Vec::new();
            board.resize_with(BOARD, OnceLock::new);
            board
        });
        Some(board.get(at % BOARD)?.get_or_init(|| read))
    }

    fn get(&self, file: FileId) -> Option<&Read> {
        let at = file.index().checked_sub(self.first.index())?;
        self.boards.get(at / BOARD)?.get()?.get(at % BOARD)?.get()
    }

    /// Adds everything to what is loaded.
    pub(super) fn put_away(self, loaded: &mut Loaded, modules: &mut Modules) {
        let boards = self.boards.into_iter().map_while(OnceLock::into_inner);
        for read in boards.flatten().map_while(OnceLock::into_inner) {
            let path = read.source.path().to_path_buf();
            let file = loaded.sources.add(read.source);
            modules.by_path.insert(path, file);
            loaded.modules.insert(file, read.parsed);
        }
    }
}

impl<'a> Library<'a> {
    pub(super) fn new(
        loaded: &'a Loaded,
        modules: &'a mut Modules,
        overlay: &'a Overlay,
        shelf: &'a Shelf,
    ) -> Self {
        let state = State { unparsed: &mut modules.unparsed, known: HashMap::new(), used: 0 };
        let state = Mutex::new(state);
        Self { loaded, by_path: &modules.by_path, overlay, shelf, state }
    }

    /// The project's module of this name, as `from` imports it with so many leading dots.
    pub(super) fn module(
        &self,
        search: &Mutex<ImportSearch>,
        name: &str,
        level: u32,
        from: FileId,
    ) -> Option<Source<'a>> {
        let top = name.split('.').next().unwrap_or_default();
        if level == 0 && FOREIGN.contains(&top) {
            return None;
        }
        let importer = self.path(from)?;
        let mut search = search.lock().unwrap_or_else(PoisonError::into_inner);
        let path = search.resolve(importer, level, name)?;
        drop(search);
        self.source(&path)
    }

    /// The text of a file that was found here.
    pub(super) fn text(&self, file: FileId) -> &'a str {
        if file < self.shelf.first {
            return self.loaded.sources.file(file).text();
        }
        self.shelf.get(file).map_or("", |read| read.source.text())
    }

    /// A file that was parsed before the replay, or found here.
    pub(super) fn parsed(&self, file: FileId) -> Option<Source<'a>> {
        let path = self.path(file)?.to_path_buf();
        self.source(&path)
    }

    fn path(&self, file: FileId) -> Option<&Path> {
        if file < self.shelf.first {
            return Some(self.loaded.sources.file(file).path());
        }
        Some(self.shelf.get(file)?.source.path())
    }

    /// The parsed file at `path`.
    pub(super) fn source(&self, path: &Path) -> Option<Source<'a>> {
        let is_package = path.file_name().is_some_and(|name| name == "__init__.py");
        if let Some(file) = self.by_path.get(path) {
            let tree = &self.loaded.modules.get(file)?.module;
            return Some(Source { tree, file: *file, is_package });
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = state.known.get(path) {
            return *known;
        }
        let read = state.unparsed.remove(path);
        let read = read.or_else(|| read_file(path, self.overlay).ok());
        let source = read.and_then(|(source, error)| {
            let mut parsed = python::parse(source.text());
            parsed.errors.splice(0..0, error);
            let kept: &'a Shelf = self.shelf;
            let read = kept.put(state.used, Read { source, parsed })?;
            let file = FileId::new(kept.first.index() + state.used);
            state.used += 1;
            Some(Source { tree: &read.parsed.module, file, is_package })
        });
        state.known.insert(path.to_path_buf(), source);
        source
    }
}

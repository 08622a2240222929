//! The files other than revisions: each read once, and parsed once where its tree is asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use diagnostics::{DecodeError, FileId, SourceFile, Span};
use project::Import;
use python::{SyntaxError, SyntaxErrorKind};
use rayon::prelude::*;

use crate::{Loaded, Overlay, Problem};

/// The files other than revisions that were read so far, each once whichever chain asks.
#[derive(Default)]
pub(crate) struct Modules {
    /// Those that were parsed.
    pub(crate) by_path: BTreeMap<PathBuf, FileId>,
    /// Those of which only the imports were read, and a decoding error.
    pub(crate) unparsed: BTreeMap<PathBuf, (SourceFile, Option<SyntaxError>)>,
}

impl Modules {
    /// Reads those of `paths` that were not read yet, in parallel, and gives what they import.
    pub(crate) fn imports<'p>(
        &mut self,
        paths: &'p [PathBuf],
        overlay: &Overlay,
        loaded: &mut Loaded,
    ) -> Vec<(&'p PathBuf, Vec<Import>)> {
        let read: Vec<_> = paths
            .par_iter()
            .map(|path| {
                let known = self.by_path.get(path).map(|file| loaded.sources.file(*file));
                let known = known.or(self.unparsed.get(path).map(|(source, _)| source));
                if let Some(source) = known {
                    return (path, Ok((None, project::imports(source.text()))));
                }
                let read = read_file(path, overlay);
                let read = read.map(|(source, error)| {
                    let imports = project::imports(source.text());
                    (Some((source, error)), imports)
                });
                (path, read)
            })
            .collect();
        let mut found = Vec::with_capacity(read.len());
        for (path, read) in read {
            match read {
                Ok((new, imports)) => {
                    self.unparsed.extend(new.map(|new| (path.clone(), new)));
                    found.push((path, imports));
                }
                Err(problem) => loaded.problems.push(problem),
            }
        }
        found
    }

    /// Parses those of `paths` that were not parsed yet, in parallel.
    pub(crate) fn parse<'p>(
        &mut self,
        paths: impl IntoIterator<Item = &'p PathBuf>,
        overlay: &Overlay,
        loaded: &mut Loaded,
    ) {
        let new: BTreeSet<&PathBuf> =
            paths.into_iter().filter(|path| !self.by_path.contains_key(*path)).collect();
        let new: Vec<_> = new.into_iter().map(|path| (path, self.unparsed.remove(path))).collect();
        let read: Vec<(&PathBuf, Result<_, Problem>)> = new
            .into_par_iter()
            .map(|(path, read)| {
                let read = read.map_or_else(|| read_file(path, overlay), Ok);
                let parsed = read.map(|(source, error)| {
                    let mut parsed = python::parse(source.text());
                    parsed.errors.splice(0..0, error);
                    (source, parsed)
                });
                (path, parsed)
            })
            .collect();
        for (path, read) in read {
            match read {
                Ok((source, parsed)) => {
                    let file = loaded.sources.add(source);
                    self.by_path.insert(path.clone(), file);
                    loaded.modules.insert(file, parsed);
                }
                Err(problem) => loaded.problems.push(problem),
            }
        }
    }

    /// Whether the file could be read.
    pub(crate) fn is_read(&self, path: &PathBuf) -> bool {
        self.by_path.contains_key(path) || self.unparsed.contains_key(path)
    }

    pub(crate) fn looks_like_models(&self, path: &PathBuf) -> bool {
        self.unparsed.get(path).is_none_or(|(source, _)| project::looks_like_models(source.text()))
    }
}

/// Reads one file; bytes that are not text are an error of its syntax, not of reading.
pub(crate) fn read_file(
    path: &Path,
    overlay: &Overlay,
) -> Result<(SourceFile, Option<SyntaxError>), Problem> {
    match overlay.read(path) {
        Ok((source, error)) => Ok((source, error.as_ref().map(syntax_error))),
        Err(error) => Err(Problem {
            path: path.to_path_buf(),
            message: format!("cannot be read: {error}"),
            help: None,
        }),
    }
}

fn syntax_error(error: &DecodeError) -> SyntaxError {
    let at = match error {
        DecodeError::Invalid { at: Some(at), .. } => *at as u32,
        _ => 0,
    };
    SyntaxError {
        kind: SyntaxErrorKind::Encoding,
        span: Span::point(at),
        message: error.to_string(),
    }
}

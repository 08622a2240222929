//! Reading the configuration files, each once.

use std::path::{Path, PathBuf};

use diagnostics::{Encoding, FileId, SourceFile, Sources, decode};

use crate::environment::Problem;
use crate::ini::Ini;
use crate::paths::{Shown, slashed};
use crate::pyproject::Pyproject;
use crate::walk::io_reason;

/// A configuration file as it was read.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) file: FileId,
    /// Absolute.
    pub(crate) path: PathBuf,
    /// As output shows it.
    pub(crate) shown: PathBuf,
    /// What `%(here)s` stands for: the folder of the file, absolute, with `/`.
    pub(crate) here: String,
    pub(crate) content: Content,
    pub(crate) notes: Vec<String>,
}

/// What is in a configuration file.
#[derive(Debug)]
pub(crate) enum Content {
    Ini(Ini),
    Toml(Pyproject),
}

/// The bytes that stand in for the file at an absolute path, for a tree with edits that are not
/// written yet.
pub(crate) type Instead<'a> = &'a dyn Fn(&Path) -> Option<Vec<u8>>;

/// Bytes; no configuration is larger.
const LARGEST: usize = 16 << 20;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads a configuration file at an absolute path and adds it to the sources.
pub(crate) fn load(
    path: &Path,
    shown: &Shown,
    instead: Instead<'_>,
    sources: &mut Sources,
) -> Result<Loaded, Problem> {
    let bytes = match instead(path) {
        Some(bytes) => bytes,
        None => std::fs::read(path).map_err(|error| {
            Problem::new(path, format!("cannot be read: {}", io_reason(&error)))
        })?,
    };
    if bytes.len() > LARGEST {
        return Err(Problem::new(path, "is too large for a configuration file"));
    }
    let is_toml = path.file_name().is_some_and(|name| name == "pyproject.toml");
    let shown = shown.path(path);
    let mut notes = Vec::new();
    let (text, encoding) = if is_toml {
        decoded(bytes).map_err(|_| Problem::new(path, "is not UTF-8"))?
    } else {
        ini_text(bytes, &shown, &mut notes)
    };
    let content = if is_toml {
        Content::Toml(Pyproject::parse(&text))
    } else {
        Content::Ini(Ini::parse(&text))
    };
    let here = path.parent().map(slashed).unwrap_or_default();
    let file = sources.add(SourceFile::new(shown.clone(), text, encoding));
    Ok(Loaded { file, path: path.to_path_buf(), shown, here, content, notes })
}

/// The text of an ini file, which Python reads in the encoding of the machine: UTF-8 nowadays,
/// anything else is taken as Latin-1.
fn ini_text(bytes: Vec<u8>, shown: &Path, notes: &mut Vec<String>) -> (String, Encoding) {
    if bytes.starts_with(BYTE_ORDER_MARK) {
        notes.push(format!(
            "`{}` starts with a byte order mark, which Alembic does not take",
            slashed(shown)
        ));
    }
    match decoded(bytes) {
        Ok(read) => read,
        Err(bytes) => {
            notes.push(format!("`{}` is not UTF-8 and was read as Latin-1", slashed(shown)));
            latin_1(bytes)
        }
    }
}

/// UTF-8 with or without byte order mark, whatever a comment in it says; else the bytes.
fn decoded(bytes: Vec<u8>) -> Result<(String, Encoding), Vec<u8>> {
    let (mark, rest) = match bytes.strip_prefix(BYTE_ORDER_MARK) {
        Some(rest) => (BYTE_ORDER_MARK, rest.to_vec()),
        None => (&[][..], bytes),
    };
    let text = String::from_utf8(rest).map_err(std::string::FromUtf8Error::into_bytes)?;
    let encoding = decode(mark.to_vec()).map_or(Encoding::UTF_8, |(_, encoding)| encoding);
    Ok((text, encoding))
}

fn latin_1(bytes: Vec<u8>) -> (String, Encoding) {
    let encoding =
        decode(b"# coding: latin-1\n".to_vec()).map_or(Encoding::UTF_8, |(_, encoding)| encoding);
    (bytes.into_iter().map(char::from).collect(), encoding)
}

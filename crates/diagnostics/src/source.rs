//! Files as they were read, and places in them.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde::Serialize;

use crate::encoding::decode_lossy;
use crate::{DecodeError, Encoding};

/// A range of bytes in a decoded text: `start` inclusive, `end` exclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The span from `start` up to `end`, in bytes.
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// An empty span: the point before byte `at`.
    pub const fn point(at: u32) -> Self {
        Self { start: at, end: at }
    }

    /// Length in bytes.
    pub const fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether the span holds no byte.
    pub const fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether `other` lies within this span.
    pub const fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The smallest span that holds both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self::new(self.start.min(other.start), self.end.max(other.end))
    }

    /// The bytes of `text` that the span names.
    ///
    /// # Panics
    /// Where the span is not of this text.
    pub fn of(self, text: &str) -> &str {
        &text[self.start as usize..self.end as usize]
    }
}

/// The number of a file within one [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct FileId(u32);

impl FileId {
    /// The file at `index` of the [`Sources`] it was, or will be, added to.
    pub const fn new(index: usize) -> Self {
        Self(index as u32)
    }

    /// Position within its [`Sources`].
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Where something stands: a file and the bytes in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Place {
    /// The file.
    pub file: FileId,
    /// The bytes of its decoded text.
    pub span: Span,
}

impl Place {
    /// The place of `span` in `file`.
    pub const fn new(file: FileId, span: Span) -> Self {
        Self { file, span }
    }

    /// The beginning of `file`, for what the file lacks.
    pub const fn start_of(file: FileId) -> Self {
        Self::new(file, Span::point(0))
    }
}

/// A position as people count: line and column from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct LineColumn {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// One file as it was read: its path, its decoded text, and how to write it back.
#[derive(Debug)]
pub struct SourceFile {
    path: PathBuf,
    text: Box<str>,
    encoding: Encoding,
    line_starts: OnceLock<Vec<u32>>,
}

impl SourceFile {
    /// A file at `path` (as it is opened) with decoded `text`.
    pub fn new(path: PathBuf, text: impl Into<Box<str>>, encoding: Encoding) -> Self {
        Self { path, text: text.into(), encoding, line_starts: OnceLock::new() }
    }

    /// Reads the Python file at `path`. Where its bytes are not of its encoding, the text has a
    /// U+FFFD in the place of each that is wrong, and the error says so.
    ///
    /// # Errors
    /// Where the file cannot be read, is no regular file, or is larger than [`MOST_BYTES`].
    pub fn read(path: &Path) -> io::Result<(Self, Option<DecodeError>)> {
        let (mut file, length) = open(path)?;
        // Room to spare, so that the first read takes all and the second sees the end.
        let mut bytes = Vec::with_capacity(length.min(MOST_BYTES) as usize + 64);
        file.by_ref().take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MOST_BYTES {
            let message = format!("larger than {} MB", MOST_BYTES / 1_000_000);
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
        }
        Ok(Self::decode(path.to_path_buf(), bytes))
    }

    /// The Python file at `path`, whose bytes came from elsewhere, as [`SourceFile::read`] has it.
    pub fn decode(path: PathBuf, bytes: Vec<u8>) -> (Self, Option<DecodeError>) {
        let (text, encoding, error) = decode_lossy(bytes);
        (Self::new(path, text, encoding), error)
    }

    /// The path by which the file was opened.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The decoded text, without byte order mark, line ends as they stand in the file.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How the bytes became text.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Line and column of byte `offset`; an offset past the end counts as the end.
    pub fn line_column(&self, offset: u32) -> LineColumn {
        let starts = self.line_starts();
        let offset = (offset as usize).min(self.text.len());
        let line = starts.partition_point(|&start| start as usize <= offset) - 1;
        let before = self.text.get(starts[line] as usize..offset).unwrap_or_default();
        LineColumn { line: line as u32 + 1, column: before.chars().count() as u32 + 1 }
    }

    /// The span of line `line` (from 1) without its line end, or `None` past the last.
    pub fn line_span(&self, line: u32) -> Option<Span> {
        let starts = self.line_starts();
        let index = (line as usize).checked_sub(1)?;
        let start = *starts.get(index)?;
        let end = starts.get(index + 1).map_or(self.text.len(), |&next| next as usize);
        let content = self.text[start as usize..end].trim_end_matches(['\n', '\r']);
        Some(Span::new(start, start + content.len() as u32))
    }

    /// The line end that the file uses: that of its first line, `\n` where there is none.
    pub fn line_end(&self) -> &'static str {
        match self.text.find(['\n', '\r']) {
            Some(at) if self.text[at..].starts_with("\r\n") => "\r\n",
            Some(at) if self.text[at..].starts_with('\r') => "\r",
            _ => "\n",
        }
    }

    fn line_starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| {
            let bytes = self.text.as_bytes();
            let mut starts = vec![0];
            for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
                if bytes[at] == b'\n' || bytes.get(at + 1) != Some(&b'\n') {
                    starts.push(at as u32 + 1);
                }
            }
            starts
        })
    }
}

/// Bytes; a larger file is not read: it is no migration.
pub const MOST_BYTES: u64 = 100_000_000;

/// Opens a regular file. A pipe or a device is refused before it is opened, as that may wait for
/// ever.
fn open(path: &Path) -> io::Result<(File, u64)> {
    let refuse = |what: &str| io::Error::new(io::ErrorKind::InvalidInput, what.to_owned());
    let metadata = std::fs::metadata(path)?;
    let kind = metadata.file_type();
    if kind.is_dir() {
        return Err(refuse("is a folder"));
    }
    if !kind.is_file() {
        return Err(refuse("is not a regular file"));
    }
    Ok((File::open(path)?, metadata.len()))
}

/// All files that were read, each once.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    /// No files.
    pub const fn new() -> Self {
        Self { files: Vec::new() }
    }

    /// The id that the next file added will have.
    pub fn next_id(&self) -> FileId {
        FileId::new(self.files.len())
    }

    /// Adds a file and gives its id.
    pub fn add(&mut self, file: SourceFile) -> FileId {
        let id = self.next_id();
        self.files.push(file);
        id
    }

    /// The file with this id.
    ///
    /// # Panics
    /// Where the id is of other `Sources`.
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.index()]
    }

    /// The text at `place`.
    ///
    /// # Panics
    /// Where the place is of other `Sources`.
    pub fn text_at(&self, place: Place) -> &str {
        place.span.of(self.file(place.file).text())
    }

    /// All files with their ids, in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(index, file)| (FileId::new(index), file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> SourceFile {
        SourceFile::new(PathBuf::from("a.py"), text, Encoding::UTF_8)
    }

    #[test]
    fn columns_count_characters() {
        let file = file("ä = 'ö'\nb");
        assert_eq!(file.line_column(3), LineColumn { line: 1, column: 3 });
        assert_eq!(file.line_column(10), LineColumn { line: 2, column: 1 });
    }

    #[test]
    fn every_line_end_starts_a_line() {
        let file = file("a\r\nb\rc\nd");
        let lines: Vec<&str> =
            (1..=4).map(|line| file.line_span(line).expect("line").of(file.text())).collect();
        assert_eq!(lines, ["a", "b", "c", "d"]);
        assert_eq!(file.line_span(5), None);
        assert_eq!(file.line_end(), "\r\n");
    }

    #[test]
    fn offsets_past_the_end_are_the_end() {
        assert_eq!(file("ab").line_column(99), LineColumn { line: 1, column: 3 });
    }
}

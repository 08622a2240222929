//! Bytes to text and back, by the rules that Python follows for source files (PEP 263).

use std::fmt;

/// How the bytes of a file became text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoding {
    codec: Codec,
    byte_order_mark: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Codec {
    Utf8,
    /// Byte n is character n, as Python's `latin-1` has it; the web's `latin1` is windows-1252.
    Latin1,
    Other(&'static encoding_rs::Encoding),
}

/// Why bytes are not text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// The bytes from `at` on are not of the encoding that the file declares, or UTF-8.
    Invalid {
        /// Name of the encoding, as declared.
        encoding: String,
        /// Offset of the first wrong byte, where it is known.
        at: Option<usize>,
    },
    /// The file declares an encoding of this name, which is not known.
    Unknown(String),
    /// The file has a UTF-8 byte order mark and declares another encoding.
    Contradiction(String),
}

impl fmt::Display for DecodeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid { encoding, at: Some(at) } => {
                write!(formatter, "byte {at} is not {encoding}")
            }
            Self::Invalid { encoding, at: None } => {
                write!(formatter, "the bytes are not {encoding}")
            }
            Self::Unknown(name) => write!(formatter, "unknown encoding `{name}`"),
            Self::Contradiction(name) => {
                write!(
                    formatter,
                    "declares encoding `{name}` but starts with a UTF-8 byte order mark"
                )
            }
        }
    }
}

impl std::error::Error for DecodeError {}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

impl Encoding {
    /// UTF-8 without byte order mark.
    pub const UTF_8: Self = Self { codec: Codec::Utf8, byte_order_mark: false };

    /// The bytes of `text`, byte order mark included, or `None` where the encoding lacks a
    /// character of it.
    pub fn encode(self, text: &str) -> Option<Vec<u8>> {
        let mut bytes = if self.byte_order_mark {
            BYTE_ORDER_MARK.to_vec()
        } else {
            Vec::with_capacity(text.len())
        };
        match self.codec {
            Codec::Utf8 => bytes.extend_from_slice(text.as_bytes()),
            Codec::Latin1 => {
                for character in text.chars() {
                    bytes.push(u8::try_from(u32::from(character)).ok()?);
                }
            }
            Codec::Other(encoding) => {
                let (encoded, used, lossy) = encoding.encode(text);
                if lossy || used != encoding {
                    return None;
                }
                bytes.extend_from_slice(&encoded);
            }
        }
        Some(bytes)
    }
}

/// Decodes a Python source file: byte order mark, then the encoding comment in the first two
/// lines, else UTF-8.
///
/// # Errors
/// Where the bytes are not of that encoding, or its name is unknown.
pub fn decode(bytes: Vec<u8>) -> Result<(String, Encoding), DecodeError> {
    decode_or_return(bytes).map_err(|(error, _)| error)
}

/// What cannot be decoded is given back with the error.
type Undecoded = (DecodeError, Vec<u8>);

fn decode_or_return(bytes: Vec<u8>) -> Result<(String, Encoding), Undecoded> {
    let byte_order_mark = bytes.starts_with(BYTE_ORDER_MARK);
    let codec = match declared_encoding(&bytes) {
        None => Codec::Utf8,
        Some(name) => match codec_named(&name) {
            None => return Err((DecodeError::Unknown(name), bytes)),
            Some(codec) if byte_order_mark && codec != Codec::Utf8 => {
                return Err((DecodeError::Contradiction(name), bytes));
            }
            Some(codec) => codec,
        },
    };
    let encoding = Encoding { codec, byte_order_mark };
    let text = match codec {
        Codec::Utf8 => utf8(bytes, byte_order_mark)?,
        Codec::Latin1 => bytes.iter().map(|&byte| char::from(byte)).collect(),
        Codec::Other(other) => {
            let Some(text) = other.decode_without_bom_handling_and_without_replacement(&bytes)
            else {
                let encoding = other.name().to_lowercase();
                return Err((DecodeError::Invalid { encoding, at: None }, bytes));
            };
            text.into_owned()
        }
    };
    Ok((text, encoding))
}

/// Decodes as [`decode`] does; where it fails, the text as far as it is UTF-8, with U+FFFD for what
/// is not, and the error.
pub(crate) fn decode_lossy(bytes: Vec<u8>) -> (String, Encoding, Option<DecodeError>) {
    // Only a file that fails is looked at twice.
    match decode_or_return(bytes) {
        Ok((text, encoding)) => (text, encoding, None),
        Err((error, bytes)) => {
            let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&bytes);
            (String::from_utf8_lossy(bytes).into_owned(), Encoding::UTF_8, Some(error))
        }
    }
}

fn utf8(mut bytes: Vec<u8>, byte_order_mark: bool) -> Result<String, Undecoded> {
    if byte_order_mark {
        bytes.drain(..BYTE_ORDER_MARK.len());
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = Some(error.utf8_error().valid_up_to());
        (DecodeError::Invalid { encoding: "UTF-8".to_owned(), at }, error.into_bytes())
    })
}

/// The name in a comment `coding[:=]\s*([-\w.]+)` on one of the first two lines (PEP 263). The
/// second line counts only where the first is blank or a comment.
fn declared_encoding(bytes: &[u8]) -> Option<String> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    for line in bytes.split(|&byte| byte == b'\n').take(2) {
        let content = line.trim_ascii_start();
        let content = content.strip_prefix(b"\x0c").unwrap_or(content).trim_ascii();
        if content.is_empty() {
            continue;
        }
        let comment = content.strip_prefix(b"#")?;
        if let Some(name) = encoding_in(comment) {
            return Some(name);
        }
    }
    None
}

fn encoding_in(comment: &[u8]) -> Option<String> {
    for at in memchr::memmem::find_iter(comment, b"coding") {
        let Some((b':' | b'=', rest)) = comment[at + b"coding".len()..].split_first() else {
            continue;
        };
        let name: Vec<u8> = rest
            .trim_ascii_start()
            .iter()
            .copied()
            .take_while(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
            .collect();
        if !name.is_empty() {
            return String::from_utf8(name).ok();
        }
    }
    None
}

fn codec_named(name: &str) -> Option<Codec> {
    let name = name.to_ascii_lowercase().replace('_', "-");
    match name.as_str() {
        "utf-8" | "utf8" | "u8" | "utf-8-sig" | "ascii" | "us-ascii" => Some(Codec::Utf8),
        "latin-1" | "latin1" | "l1" | "iso-8859-1" | "iso8859-1" | "8859" => Some(Codec::Latin1),
        other => {
            let label = match other.strip_prefix("cp") {
                Some(number) if number.len() == 4 => format!("windows-{number}"),
                _ => other.to_owned(),
            };
            let encoding = encoding_rs::Encoding::for_label(label.as_bytes())?;
            (encoding.is_ascii_compatible() && encoding != encoding_rs::REPLACEMENT).then_some(
                if encoding == encoding_rs::UTF_8 { Codec::Utf8 } else { Codec::Other(encoding) },
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_comes_back_as_the_same_bytes() {
        for bytes in [
            b"a = '\xc3\xa4'\n".to_vec(),
            b"\xef\xbb\xbfa = 1\r\n".to_vec(),
            b"# -*- coding: latin-1 -*-\na = '\xe4\x80'\n".to_vec(),
            b"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\na = '\x80'\n".to_vec(),
        ] {
            let (text, encoding) = decode(bytes.clone()).expect("decodes");
            assert_eq!(encoding.encode(&text), Some(bytes));
        }
    }

    #[test]
    fn latin_1_is_not_windows_1252() {
        let (text, encoding) = decode(b"# coding: latin-1\n# \x80".to_vec()).expect("decodes");
        assert!(text.ends_with('\u{80}'));
        assert_eq!(encoding.encode("€"), None);
    }

    #[test]
    fn a_wrong_byte_is_named() {
        assert_eq!(
            decode(b"a = '\xe4'".to_vec()),
            Err(DecodeError::Invalid { encoding: "UTF-8".to_owned(), at: Some(5) })
        );
        assert_eq!(
            decode(b"# coding: klingon\n".to_vec()),
            Err(DecodeError::Unknown("klingon".to_owned()))
        );
    }

    #[test]
    fn the_second_line_counts_only_after_a_comment() {
        assert_eq!(declared_encoding(b"import a\n# coding: latin-1\n"), None);
        assert_eq!(declared_encoding(b"\n# coding: latin-1\n"), Some("latin-1".to_owned()));
    }
}

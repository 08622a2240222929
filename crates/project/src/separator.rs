//! Lists of paths in one ini value, divided as Alembic divides them.

use crate::ini::is_space;

/// The character that a value of `path_separator` or `version_path_separator` stands for, or
/// `None` where Alembic rejects the value.
pub fn parse_separator(value: &str) -> Option<char> {
    match value {
        "space" => Some(' '),
        "newline" => Some('\n'),
        "os" => Some(if cfg!(windows) { ';' } else { ':' }),
        ":" => Some(':'),
        ";" => Some(';'),
        _ => None,
    }
}

/// The items of a list of paths: divided at `separator`, or the legacy way, at `, *` and ` +`,
/// where none is set; `or_colon` (for `prepend_sys_path`) then also divides at `:`.
pub fn split_paths(value: &str, separator: Option<char>, or_colon: bool) -> Vec<&str> {
    if let Some(separator) = separator {
        let pieces = value.split(separator).filter(|piece| !piece.is_empty());
        return pieces.map(|piece| piece.trim_matches(is_space)).collect();
    }
    let mut items = Vec::new();
    let (mut start, mut at) = (0, 0);
    let bytes = value.as_bytes();
    while let Some(&byte) = bytes.get(at) {
        let divides = matches!(byte, b',' | b' ') || or_colon && byte == b':';
        if !divides {
            at += 1;
            continue;
        }
        items.push(&value[start..at]);
        at += 1;
        while byte != b':' && bytes.get(at) == Some(&b' ') {
            at += 1;
        }
        start = at;
    }
    items.push(&value[start..]);
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_separator_commas_and_spaces_divide() {
        assert_eq!(split_paths("a, b  c", None, false), ["a", "b", "c"]);
        assert_eq!(split_paths("a , b:c", None, false), ["a", "", "b:c"]);
        assert_eq!(split_paths("a:b: c", None, true), ["a", "b", "", "c"]);
        assert_eq!(split_paths("a,\nb", None, false), ["a", "\nb"]);
    }

    #[test]
    fn with_one_only_it_divides_and_pieces_are_stripped() {
        assert_eq!(split_paths("\n a b\n\nc ", Some('\n'), false), ["a b", "c"]);
        assert_eq!(split_paths("a; ;b", Some(';'), false), ["a", "", "b"]);
    }
}

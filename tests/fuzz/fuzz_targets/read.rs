//! Whatever the bytes, reading them ends, and both readers give one tree where both accept them.

#![no_main]

use libfuzzer_sys::fuzz_target;
use python::{Reader, parse, parse_with};

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    parse(&text);
    if let (Ok(one), Ok(other)) =
        (parse_with(Reader::RustPython, &text), parse_with(Reader::Ruff, &text))
    {
        assert_eq!(one, other);
    }
});

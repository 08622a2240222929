//! Whatever the text, reading it as SQL ends, and each statement stands where it says.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sql::{Dialect, read};

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    for dialect in [Dialect::PostgreSql, Dialect::MySql, Dialect::Sqlite] {
        let mut end = 0;
        for read in read(&text, dialect) {
            assert!(read.range.start >= end && text.get(read.range.clone()).is_some());
            end = read.range.end;
            read.statement.written(dialect);
        }
    }
});

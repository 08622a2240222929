//! Whatever the text of a revision, fixes end, settle, and leave what parsed parsing.

#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

#[path = "../../support/mending.rs"]
mod mending;

/// A chain on disk, one file of which each input stands in for.
static CHAIN: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join(format!("migrate-lint-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let base = include_str!("../corpus/fix/base.py");
    std::fs::write(folder.join("5d0c8e2f7a91_base.py"), base).expect("a file");
    std::fs::write(folder.join("b3e7a06d94c2_next.py"), base).expect("a file");
    folder
});

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    mending::mends(&CHAIN, &CHAIN.join("b3e7a06d94c2_next.py"), &text);
});

//! Fixes on whatever text: the corpus of the fuzz target, and mutations of it.

mod support;

#[path = "support/mending.rs"]
mod mending;

use std::fs;

use support::workspace;

/// A chain of the corpus' base and a file that the test replaces.
fn chain() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let base = fs::read_to_string(workspace().join("tests/fuzz/corpus/fix/base.py")).expect("base");
    fs::write(folder.path().join("5d0c8e2f7a91_base.py"), &base).expect("a file");
    fs::write(folder.path().join("b3e7a06d94c2_next.py"), &base).expect("a file");
    folder
}

fn corpus() -> Vec<String> {
    let entries = fs::read_dir(workspace().join("tests/fuzz/corpus/fix")).expect("a corpus");
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read_to_string(path).expect("text")).collect()
}

#[test]
fn the_corpus_is_mended_and_settles() {
    let folder = chain();
    let corpus = corpus();
    assert!(corpus.len() > 4);
    for text in corpus {
        mending::mends(folder.path(), &folder.path().join("b3e7a06d94c2_next.py"), &text);
    }
}

#[test]
fn mutations_of_the_corpus_are_mended_and_settle() {
    let folder = chain();
    let path = folder.path().join("b3e7a06d94c2_next.py");
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = move |bound: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        usize::try_from(random % bound as u64).expect("small")
    };
    for text in corpus() {
        for _ in 0..40 {
            let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
            for _ in 0..=next(2) {
                match next(3) {
                    0 if lines.len() > 1 => drop(lines.remove(next(lines.len()))),
                    1 => {
                        let line = lines[next(lines.len())];
                        lines.insert(next(lines.len() + 1), line);
                    }
                    _ => {
                        let (one, other) = (next(lines.len()), next(lines.len()));
                        lines.swap(one, other);
                    }
                }
            }
            mending::mends(folder.path(), &path, &lines.concat());
        }
    }
}

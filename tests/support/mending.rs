//! Fixes on whatever text: they end, settle, and leave what parsed parsing.

use std::path::Path;

use linter::{
    Against, ChainSettings, FixMode, Overlay, RULES, Settings, apply, changes, lint, load, on_pool,
};

/// More passes than any text needs; two fixes that undo each other would need endless ones.
const MOST_PASSES: usize = 50;

/// Makes every fix of every rule on a chain in `folder` in which the file at `path` has `text`.
///
/// # Panics
/// Where the fixes do not settle, change anything the second time, or break what parsed.
pub(crate) fn mends(folder: &Path, path: &Path, text: &str) {
    on_pool(|| {
        let mut overlay = Overlay::new();
        overlay.put(path.to_path_buf(), text.to_owned(), diagnostics::Encoding::UTF_8);
        let parsed_before = python::parse(text).errors.is_empty();
        let mut original = None;
        for pass in 0.. {
            assert!(pass < MOST_PASSES, "the fixes do not settle");
            let loaded = loaded(folder, &overlay);
            let linted = lint(&loaded);
            let mode = FixMode::Unsafe;
            let fixes = apply(&linted.diagnostics, &loaded.sources, mode, &mut overlay).made;
            original.get_or_insert(loaded.sources);
            if fixes.is_empty() {
                break;
            }
        }
        let original = original.expect("one pass at least");
        for change in changes(&overlay, &original) {
            let parses = python::parse(&change.new).errors.is_empty();
            let is_python = change.after.extension().is_some_and(|extension| extension == "py");
            let is_given = change.before.as_deref() == Some(path);
            assert!(parses || !is_python || is_given && !parsed_before, "{}", change.new);
        }
    })
    .expect("threads");
}

fn loaded(folder: &Path, overlay: &Overlay) -> linter::Loaded {
    let levels = RULES.iter().map(|rule| (rule.name, rule.level)).collect();
    let settings = Settings { levels, ..Settings::default() };
    let loaded = load(&[folder.to_path_buf()], folder, overlay, &mut |_| {
        Ok::<_, ()>(ChainSettings {
            settings: settings.clone(),
            models: None,
            is_replayed: false,
            against: Against::default(),
        })
    });
    loaded.expect("settings are given")
}

//! The file of accepted diagnostics (`--baseline`): what stood there when a project began to be
//! checked.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use diagnostics::Diagnostic;
use linter::{Linted, Loaded};
use serde::{Deserialize, Serialize};

use crate::Outcome;
use crate::check::display;
use crate::config::ConfigError;

/// The file and what it accepts.
#[derive(Debug)]
pub(crate) struct Accepted {
    path: PathBuf,
    /// How often each is accepted.
    entries: BTreeMap<Entry, usize>,
}

/// What one run found accepted.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    /// Found, and accepted.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// What is to be said about entries of no use.
    pub(crate) note: Option<String>,
}

/// A diagnostic without its line, which other changes move.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    rule: String,
    /// The folder of its revisions, from the folder of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    chain: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revision: Option<String>,
    /// The file, where it is about no revision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    /// What the message names, in its order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    objects: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    accepted: Vec<Entry>,
}

const VERSION: u32 = 1;

impl Accepted {
    /// Reads the file at `path`, which may be missing where it `is_made`.
    ///
    /// # Errors
    /// Where it cannot be read or is no such file.
    pub(crate) fn read(path: &Path, is_made: bool) -> Result<Self, ConfigError> {
        let at = |message: String| ConfigError::at(path, message);
        let mut accepted = Self { path: path.to_path_buf(), entries: BTreeMap::new() };
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && is_made => {
                return Ok(accepted);
            }
            Err(error) => {
                let help = "write it with `--update-baseline`";
                return Err(at(format!("cannot be read: {error}\n  = help: {help}")));
            }
        };
        let file: File = serde_json::from_str(&text)
            .map_err(|error| at(format!("is no file of accepted diagnostics: {error}")))?;
        if file.version != VERSION {
            return Err(at(format!("has version {}, and {VERSION} is known", file.version)));
        }
        for entry in file.accepted {
            *accepted.entries.entry(entry).or_default() += 1;
        }
        Ok(accepted)
    }

    /// Takes what is accepted out of what was found.
    pub(crate) fn take(&self, linted: &mut Linted, loaded: &Loaded, directory: &Path) -> Taken {
        // Paths are those from the file, wherever the command runs.
        let folder = self.folder();
        let mut left = self.entries.clone();
        let mut take = |found: &Diagnostic| match left.get_mut(&entry(found, loaded, folder)) {
            Some(count) if *count > 0 => {
                *count -= 1;
                true
            }
            _ => false,
        };
        let found = std::mem::take(&mut linted.diagnostics);
        let (diagnostics, rest) = found.into_iter().partition(&mut take);
        linted.diagnostics = rest;
        // What is not judged today may be there all the same.
        for found in &linted.beyond {
            take(found);
        }
        let has_run = |entry: &Entry| {
            let mut chains = loaded.chains.iter();
            chains.any(|chain| chain.settings.levels.contains_key(entry.rule.as_str()))
        };
        let gone: usize =
            left.iter().filter(|(entry, _)| has_run(entry)).map(|(_, count)| count).sum();
        let note = (gone > 0).then(|| {
            let path = display(&self.path, directory);
            let what = if gone == 1 { "entry" } else { "entries" };
            format!(
                "{gone} {what} of {path} match nothing any more: `--update-baseline` takes them out"
            )
        });
        Taken { diagnostics, note }
    }

    fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    /// Writes what was found into the file.
    pub(crate) fn update(&self, linted: &Linted, loaded: &Loaded, directory: &Path) -> Outcome {
        let found = linted.diagnostics.iter().chain(&linted.beyond);
        let mut entries: Vec<Entry> =
            found.map(|found| entry(found, loaded, self.folder())).collect();
        entries.sort();
        let shown = display(&self.path, directory);
        if let Err(error) = write(&self.path, &text(&entries)) {
            return Outcome::failed(&format!("`{shown}` cannot be written: {error}"));
        }
        let mut before = self.entries.clone();
        let mut new = 0;
        for entry in &entries {
            match before.get_mut(entry) {
                Some(count) if *count > 0 => *count -= 1,
                _ => new += 1,
            }
        }
        let gone: usize = before.values().sum();
        Outcome::clean(format!(
            "wrote {shown}: {} accepted, {new} of them new, {gone} taken out\n",
            entries.len()
        ))
    }
}

fn entry(found: &Diagnostic, loaded: &Loaded, folder: &Path) -> Entry {
    let path = loaded.sources.file(found.place.file).path();
    // A chain is called by its folder, which is another one seen from elsewhere.
    let mut chains = loaded.chains.iter();
    let chain = chains.find(|chain| found.chain.as_ref() == Some(&chain.environment.name));
    Entry {
        rule: found.rule.to_owned(),
        chain: chain.map(|chain| display(chain.environment.path(), folder)),
        revision: found.revision.clone(),
        path: found.revision.is_none().then(|| display(path, folder)),
        objects: objects(&found.message),
    }
}

/// What stands in backticks.
fn objects(message: &str) -> Vec<String> {
    message.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// One entry a line, so that a change of the file reads as what it is.
fn text(entries: &[Entry]) -> String {
    let lines: Vec<String> = entries
        .iter()
        .map(|entry| format!("    {}", serde_json::to_string(entry).expect("text and lists of it")))
        .collect();
    let lines =
        if lines.is_empty() { String::new() } else { format!("\n{}\n  ", lines.join(",\n")) };
    format!("{{\n  \"version\": {VERSION},\n  \"accepted\": [{lines}]\n}}\n")
}

/// The whole file or none of it.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".tmp");
    let beside = path.with_file_name(name);
    let written = fs::File::create(&beside).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    let done = written.and_then(|()| fs::rename(&beside, path));
    if done.is_err() {
        let _ = fs::remove_file(&beside);
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_what_a_message_names() {
        assert_eq!(objects("`a` and `b c` are both heads"), ["a", "b c"]);
        assert_eq!(objects("nothing"), [""; 0]);
    }

    #[test]
    fn a_file_reads_as_it_was_written() {
        let entry = |rule: &str| Entry {
            rule: rule.to_owned(),
            chain: Some("migrations".to_owned()),
            revision: None,
            path: Some("models.py".to_owned()),
            objects: vec!["a \"b\"".to_owned()],
        };
        for entries in [Vec::new(), vec![entry("a")], vec![entry("a"), entry("b")]] {
            let file: File = serde_json::from_str(&text(&entries)).expect("JSON");
            assert_eq!((file.version, file.accepted), (VERSION, entries));
        }
    }
}

//! Changes of files as git writes them, so that `git apply` takes them.

use std::fmt::Write as _;
use std::ops::Range;

use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices, group_diff_ops};

use crate::terminal::{BOLD, CYAN, GREEN, RED, paint, visible};

/// Lines around a change.
const CONTEXT: usize = 3;

/// The change from `old` at `before` to `new` at `after` in git's format; `before` is `None` for
/// a new file, `after` for a removed one. Paths have forward slashes and are relative to where
/// the diff is applied. Nothing where nothing changes.
pub fn diff(
    before: Option<&str>,
    after: Option<&str>,
    old: &str,
    new: &str,
    color: bool,
) -> String {
    let (Some(from), Some(to)) = (before.or(after), after.or(before)) else {
        return String::new();
    };
    let is_same_file = before == after;
    if is_same_file && old == new {
        return String::new();
    }
    let mut lines = vec![format!("diff --git {} {}", quoted("a/", from), quoted("b/", to))];
    if before.is_none() {
        lines.push("new file mode 100644".to_owned());
    } else if after.is_none() {
        lines.push("deleted file mode 100644".to_owned());
    } else if !is_same_file {
        lines.push(format!("rename from {}", quoted("", from)));
        lines.push(format!("rename to {}", quoted("", to)));
    }
    if old != new {
        lines.push(format!("--- {}", side(before, "a/")));
        lines.push(format!("+++ {}", side(after, "b/")));
    }
    let mut text = String::new();
    for line in lines {
        let _ = writeln!(text, "{}", paint(color, BOLD, &line));
    }
    hunks(old, new, color, &mut text);
    text
}

fn hunks(old: &str, new: &str, color: bool, text: &mut String) {
    let old: Vec<&str> = old.split_inclusive('\n').collect();
    let new: Vec<&str> = new.split_inclusive('\n').collect();
    for group in group_diff_ops(capture_diff_slices(Algorithm::Myers, &old, &new), CONTEXT) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
        let header = format!(
            "@@ -{} +{} @@",
            numbers(&(first.old_range().start..last.old_range().end)),
            numbers(&(first.new_range().start..last.new_range().end))
        );
        let _ = writeln!(text, "{}", paint(color, CYAN, &header));
        for op in group {
            hunk_lines(op, &old, &new, color, text);
        }
    }
}

fn hunk_lines(op: DiffOp, old: &[&str], new: &[&str], color: bool, text: &mut String) {
    if op.tag() == DiffTag::Equal {
        for line in &old[op.old_range()] {
            write_line(' ', line, None, color, text);
        }
        return;
    }
    for line in &old[op.old_range()] {
        write_line('-', line, Some(RED), color, text);
    }
    for line in &new[op.new_range()] {
        write_line('+', line, Some(GREEN), color, text);
    }
}

fn write_line(sign: char, line: &str, ink: Option<&str>, color: bool, text: &mut String) {
    let content = line.strip_suffix('\n').unwrap_or(line);
    if color {
        // In colours it is for eyes: the file's own control characters must not act.
        let content = content.strip_suffix('\r').unwrap_or(content);
        let keep = |character| if character == '\t' { character } else { visible(character) };
        let content: String = std::iter::once(sign).chain(content.chars().map(keep)).collect();
        text.push_str(&ink.map_or_else(|| content.clone(), |ink| paint(true, ink, &content)));
    } else {
        text.push(sign);
        text.push_str(content);
    }
    text.push('\n');
    if !line.ends_with('\n') {
        text.push_str("\\ No newline at end of file\n");
    }
}

/// First line and number of lines; the line before, where there are none.
fn numbers(range: &Range<usize>) -> String {
    match range.len() {
        0 => format!("{},0", range.start),
        1 => format!("{}", range.start + 1),
        length => format!("{},{length}", range.start + 1),
    }
}

fn side(path: Option<&str>, prefix: &str) -> String {
    let Some(path) = path else { return "/dev/null".to_owned() };
    // As git does: without the tab, what follows a space would be taken for a time.
    let tab = if path.contains(' ') { "\t" } else { "" };
    format!("{}{tab}", quoted(prefix, path))
}

/// A path as git writes it: in quotes with escapes where it has other than plain characters.
fn quoted(prefix: &str, path: &str) -> String {
    let path = path.trim_start_matches('/');
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
    if path.bytes().all(is_plain) {
        return format!("{prefix}{path}");
    }
    let mut text = format!("\"{prefix}");
    for byte in path.bytes() {
        if is_plain(byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "\\{byte:03o}");
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::process::Command;

    use super::*;

    /// Writes `files`, lets git apply `patch`, and gives the text of `wanted` afterwards.
    fn applied(files: &[(&str, &str)], patch: &str, wanted: &str) -> Option<String> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (name, text) in files {
            let file = folder.path().join(name);
            fs::create_dir_all(file.parent().expect("it lies in the folder")).expect("a folder");
            fs::write(file, text).expect("written");
        }
        fs::write(folder.path().join("the.patch"), patch).expect("written");
        git(folder.path(), &["init", "--quiet"]);
        git(folder.path(), &["apply", "--whitespace=nowarn", "the.patch"]);
        fs::read_to_string(folder.path().join(wanted)).ok()
    }

    fn git(folder: &Path, arguments: &[&str]) {
        let mut command = Command::new("git");
        command.args(["-c", "core.autocrlf=false"]).args(arguments).current_dir(folder);
        let output = command.output().expect("git runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn numbered(count: usize, line_end: &str) -> String {
        let lines: Vec<String> = (1..=count).map(|number| format!("line {number}")).collect();
        lines.join(line_end) + line_end
    }

    #[test]
    fn a_change_has_three_lines_around_it() {
        let old = numbered(9, "\n");
        let new = old.replace("line 5", "five");
        assert_eq!(
            diff(Some("v/a.py"), Some("v/a.py"), &old, &new, false),
            "\
diff --git a/v/a.py b/v/a.py
--- a/v/a.py
+++ b/v/a.py
@@ -2,7 +2,7 @@
 line 2
 line 3
 line 4
-line 5
+five
 line 6
 line 7
 line 8
"
        );
    }

    #[test]
    fn no_change_is_no_text() {
        assert_eq!(diff(Some("a.py"), Some("a.py"), "x", "x", false), "");
        assert_eq!(diff(None, None, "", "x", false), "");
    }

    #[test]
    fn git_applies_changes_with_any_line_end() {
        for line_end in ["\n", "\r\n"] {
            let old = numbered(40, line_end);
            let new = old.replace("line 5", "five").replace(&format!("line 30{line_end}"), "");
            let patch = diff(Some("v/a.py"), Some("v/a.py"), &old, &new, false);
            assert_eq!(patch.matches("@@ -").count(), 2);
            assert_eq!(applied(&[("v/a.py", &old)], &patch, "v/a.py"), Some(new));
        }
        let (old, new) = ("a\rb\rc", "a\rB\rc\n");
        let patch = diff(Some("a.py"), Some("a.py"), old, new, false);
        assert_eq!(applied(&[("a.py", old)], &patch, "a.py").as_deref(), Some(new));
    }

    #[test]
    fn git_applies_changes_at_an_end_without_newline() {
        for (old, new) in [("a\nb", "a\nc"), ("a\nb", "a\nb\n"), ("a\nb\n", "a\nb"), ("a", "")] {
            let patch = diff(Some("a.py"), Some("a.py"), old, new, false);
            assert_eq!(applied(&[("a.py", old)], &patch, "a.py").as_deref(), Some(new), "{patch}");
        }
        assert_eq!(
            diff(Some("a.py"), Some("a.py"), "a", "b", false),
            "\
diff --git a/a.py b/a.py
--- a/a.py
+++ b/a.py
@@ -1 +1 @@
-a
\\ No newline at end of file
+b
\\ No newline at end of file
"
        );
    }

    #[test]
    fn git_applies_created_renamed_and_removed_files() {
        let patch = diff(None, Some("v/new.py"), "", "a\n", false);
        assert_eq!(applied(&[], &patch, "v/new.py").as_deref(), Some("a\n"));
        let patch = diff(None, Some("empty.py"), "", "", false);
        assert_eq!(applied(&[], &patch, "empty.py").as_deref(), Some(""));
        for new in ["a\nb\n", "a\nc\n"] {
            let patch = diff(Some("old.py"), Some("v/new.py"), "a\nb\n", new, false);
            let files = [("old.py", "a\nb\n")];
            assert_eq!(applied(&files, &patch, "v/new.py").as_deref(), Some(new), "{patch}");
            assert_eq!(applied(&files, &patch, "old.py"), None);
        }
        let patch = diff(Some("old.py"), None, "a\n", "", false);
        assert_eq!(applied(&[("old.py", "a\n")], &patch, "old.py"), None);
    }

    #[test]
    fn git_applies_to_odd_names() {
        for name in ["a b.py", "ä.py", "q\"uote.py", "tab\t.py", "back\\slash.py"] {
            let patch = diff(Some(name), Some(name), "a\n", "b\n", false);
            assert_eq!(applied(&[(name, "a\n")], &patch, name).as_deref(), Some("b\n"), "{patch}");
            let patch = diff(Some("old x.py"), Some(name), "a\n", "a\n", false);
            assert_eq!(applied(&[("old x.py", "a\n")], &patch, name).as_deref(), Some("a\n"));
        }
    }

    #[test]
    fn colours_mark_what_goes_and_what_comes() {
        assert_eq!(
            diff(Some("a.py"), Some("a.py"), "a\r\n", "b\x1b\r\n", true),
            "\x1b[1mdiff --git a/a.py b/a.py\x1b[0m\n\x1b[1m--- a/a.py\x1b[0m\n\x1b[1m+++ \
             b/a.py\x1b[0m\n\x1b[36m@@ -1 +1 @@\x1b[0m\n\x1b[31m-a\x1b[0m\n\x1b[32m+b␛\x1b[0m\n"
        );
    }
}

//! Texts and files that no one writes.

use std::fs;
use std::path::Path;
use std::thread;

use diagnostics::SourceFile;
use python::{Expr, Parsed, Reader, Stmt, Visitor, parse, parse_with, walk_expr, walk_stmt};

/// Ways to nest: what is repeated before, what stands innermost, what is repeated after.
const NESTED: &[(&str, &str, &str)] = &[
    ("(", "1", ")"),
    ("(", "1", ",)"),
    ("[", "1", "]"),
    ("{a: ", "1", "}"),
    ("{", "1", "}"),
    ("f(", "1", ")"),
    ("f(a=", "1", ")"),
    ("f(1)(", "1", ")"),
    ("a[", "1", "]"),
    ("a[1:", "1", "]"),
    ("-", "1", ""),
    ("not ", "1", ""),
    ("lambda: ", "1", ""),
    ("lambda a, b: ", "1", ""),
    ("lambda a=", "1", ": 1"),
    ("a if b else ", "1", ""),
    ("", "a", " + a"),
    ("", "a", " - -a"),
    ("a ** ", "a", ""),
    ("", "a", ".a"),
    ("", "a", "()"),
    ("", "a", "[0]"),
    ("", "a", ".b(1)"),
    ("", "a", ".b(c, d=1)[2]"),
    ("", "a", " * b + c"),
    ("(1 or 1 and 1 < ", "1", ")"),
    ("(1 | 1 ^ 1 & 1 << 1 + 1 * -", "1", ")"),
    ("[a for a in ", "b", "]"),
    ("{a: b for a in ", "b", "}"),
    ("f(*", "b", ")"),
    ("(a := ", "b", ")"),
    ("[(yield ", "b", ")]"),
    ("f'{", "1", "}'"),
    ("f\"{f'{", "1", "}'}\""),
    ("f'{a:{", "1", "}}'"),
    ("t'{", "1", "}'"),
    ("x = ", "1", ""),
    ("(await ", "a", ")"),
    ("", "a", " and a"),
    ("", "a", " < a"),
];

/// What no Python is; some of it nests where the parser recovers.
const BROKEN: &[&str] = &[
    "(",
    ")",
    "[",
    "{",
    "({[",
    "(\n",
    "[\n",
    "f(",
    "a[",
    "{a:",
    "{**",
    "f(**",
    "f(*",
    "f(a=",
    "f\"{",
    "f'{a:",
    "f'{a!r:{",
    "t'{",
    "f'''{\n",
    "if a: ",
    "if a:\n",
    "if ",
    "while a: ",
    "for a in b: ",
    "for ",
    "for a in ",
    "with a: ",
    "with (",
    "try: ",
    "try:\n",
    "except: ",
    "finally: ",
    "else: ",
    "elif a: ",
    "else ",
    "class A: ",
    "class ",
    "class A(",
    "def f(): ",
    "def f(",
    "def f(a=",
    "def f[",
    "async ",
    "async def f(): ",
    "@",
    "@a ",
    "@a\n",
    "lambda ",
    "lambda: ",
    "lambda a=",
    "lambda *",
    "yield ",
    "yield from ",
    "await ",
    "return ",
    "raise ",
    "raise a from ",
    "assert ",
    "del ",
    "del (",
    "global ",
    "import ",
    "import a.",
    "from ",
    "from . import ",
    "from a import (",
    "not ",
    "- ",
    "~",
    "* ",
    "** ",
    "a ** ",
    "a if ",
    "a if b else ",
    "a := ",
    "(a := ",
    "a = ",
    "a: ",
    "a += ",
    "a, ",
    "a; ",
    "a.",
    "a and ",
    "a or not ",
    "a < ",
    "a in ",
    "a is not ",
    "match a: ",
    "match ",
    "match a:\n case ",
    "case ",
    "type ",
    "type a = ",
    "type a[",
    "print ",
    "...",
    "..",
    "$",
    "?",
    "!",
    "\\",
    "\\\n",
    "\"",
    "'",
    "\"\"\"",
    "r'",
    "b'\\x",
    "'\\N{",
    "f'{",
    "f'}",
    "0x",
    "1_",
    "1e",
    "1.",
    "0777 ",
    "\t",
    " \t",
    "\x0c",
    "\r",
    "\u{a0}",
    "\u{feff}",
    "😀 ",
    "é",
    "\u{1a}",
    "\u{200b}",
    "if a:\n\tb\n  c\n",
    "<<<<<<< a\n",
    "=======\n",
    ">>>>>>> a\n",
    "||||||| a\n",
    "# a\n",
    "#",
    "if a,b: ",
    "(if a,b:\n",
    "[lambda a,b:",
    "{a: b for ",
    "[a for b in ",
    "f(a for b in c, ",
    "x[a:b:c:",
    "*a, ",
    "a @ ",
    "f'{a=",
    "f'{a!",
    "f'{lambda a:",
    "f'{{",
    "with a as b, ",
    "except* a: ",
    "if a:\n if b:\n  c\n",
];

#[test]
fn the_deepest_text_that_is_read_fits_in_half_the_stack() {
    for &(before, inner, after) in NESTED {
        let text = move |depth| format!("{}{inner}{}\n", before.repeat(depth), after.repeat(depth));
        let work = move || {
            let is_read = |depth: usize| parse(&text(depth)).errors.is_empty();
            let mut read = 1;
            let mut refused = 3000;
            // What nests by its kind alone is read to whatever depth, or never.
            if is_read(refused) {
                return (read, refused);
            }
            while refused - read > 1 {
                let middle = usize::midpoint(read, refused);
                if is_read(middle) { read = middle } else { refused = middle }
            }
            let text = text(read);
            let parsed = parse(&text);
            assert!(count(&parsed) > 0);
            if let (Ok(one), Ok(other)) =
                (parse_with(Reader::RustPython, &text), parse_with(Reader::Ruff, &text))
            {
                assert!(one.clone() == other, "{before}…{after} {read} times differs");
            }
            (read, refused)
        };
        let (read, refused) = on_stack(super::STACK / 2, work);
        assert!(refused == 3000 || read >= 100, "{before}…{after} only {read} times");
    }
}

#[test]
fn a_nesting_without_end_is_refused_or_read() {
    for &(before, inner, after) in NESTED {
        on_stack(super::STACK, move || {
            let text = format!("{}{inner}{}\n", before.repeat(100_000), after.repeat(100_000));
            let parsed = parse(&text);
            count(&parsed);
            let is_chain = [" and a", " < a"].contains(&after) || before == "x = ";
            assert_eq!(parsed.errors.is_empty(), is_chain, "{before}…{after}: {:?}", parsed.errors);
        });
    }
}

#[test]
fn what_is_not_python_is_refused_or_read() {
    for &piece in BROKEN {
        on_stack(super::STACK, move || {
            for times in [2, 1200] {
                count(&parse(&piece.repeat(times)));
            }
        });
    }
}

#[test]
#[ignore = "slow without optimisation"]
fn what_is_not_python_is_refused_or_read_however_often() {
    for &piece in BROKEN {
        on_stack(super::STACK, move || {
            let text = piece.repeat(20_000);
            count(&parse(&text));
            count(&parse(&format!("x = 1\n{text}\ny = 2\n")));
        });
    }
}

#[test]
fn every_pair_of_broken_pieces_is_refused_or_read() {
    let threads: Vec<_> = (0..2)
        .map(|half| {
            let work = move || {
                for one in BROKEN.iter().skip(half).step_by(2) {
                    for other in BROKEN {
                        count(&parse(&format!("{one}{other}{one}a{other}\n{other}")));
                    }
                }
            };
            thread::Builder::new().stack_size(super::STACK).spawn(work).expect("a thread")
        })
        .collect();
    for thread in threads {
        thread.join().expect("no panic");
    }
}

#[test]
fn deep_blocks_are_refused() {
    on_stack(super::STACK, || {
        let mut text = String::new();
        for depth in 0..1500 {
            text.push_str(&" ".repeat(depth));
            text.push_str("if a:\n");
        }
        text.push_str(&" ".repeat(1500));
        text.push_str("b\n");
        assert_eq!(messages(&parse(&text)), ["too deeply nested"]);

        let elifs = "elif a:\n    b\n".repeat(10_000);
        let parsed = parse(&format!("revision = 'a'\nif a:\n    b\n{elifs}else:\n    c\n"));
        assert_eq!(messages(&parsed), ["too deeply nested"]);
        assert_eq!(super::assigned(&parsed), ["revision"]);

        let few = "elif a:\n    b\n".repeat(900);
        assert_eq!(messages(&parse(&format!("if a:\n    b\n{few}else:\n    c\n"))), [""; 0]);
    });
}

#[test]
#[ignore = "slow: texts of 50 MB"]
fn huge_texts_are_refused_or_read() {
    on_stack(super::STACK, || {
        let mut text = String::new();
        for depth in 0..10_000 {
            text.extend(std::iter::repeat_n(' ', depth));
            text.push_str("if a:\n");
        }
        assert_eq!(messages(&parse(&text)), ["too deeply nested"]);

        let text = format!("revision = '''{}'''\n", "a\n".repeat(25 << 20));
        let parsed = parse(&text);
        assert_eq!(messages(&parsed), [""; 0]);
        assert_eq!(super::assigned(&parsed), ["revision"]);

        let text = format!("revision = 'a'\n{}", "a=1\n".repeat(5_000_000));
        let parsed = parse(&text);
        assert_eq!(messages(&parsed), ["more than 3 million tokens"]);
        assert_eq!(super::assigned(&parsed)[0], "revision");
    });
}

#[test]
fn real_chains_are_not_too_deep() {
    on_stack(super::STACK, || {
        let lines = "    'line' +\n".repeat(900);
        let table = "    [1, -2, {'a': (b.c(d)['e'] * 3 + 4)}],\n".repeat(20_000);
        let calls = "\n    .filter(a.b == c, d=-1)".repeat(400);
        let words = "'word', ".repeat(50_000);
        for text in [
            format!("x = (\n{lines}    'end'\n)\n"),
            format!("x = [\n{table}]\n"),
            format!("x = (y{calls}\n)\n"),
            format!("x = {words}\n"),
            format!("x = ({})\n", "'a' 'b'\n".repeat(20_000)),
            format!("x = a{}\n", " or a == b".repeat(20_000)),
            format!("x = a{}\n", " + b * c ** -d.e(f)".repeat(900)),
            "a = -1\n".repeat(20_000),
            "elif_ = 1\n".repeat(20_000),
        ] {
            assert_eq!(messages(&parse(&text)), [""; 0], "{}", &text[..60]);
        }
    });
}

#[test]
fn odd_characters_are_refused_or_read() {
    on_stack(super::STACK, || {
        let digits = |count| format!("a = {}\n", "9".repeat(count));
        assert_eq!(messages(&parse(&digits(4300))), [""; 0]);
        assert_eq!(messages(&parse(&digits(4301))), ["an integer of more than 4300 digits"]);
        assert_eq!(messages(&parse(&digits(1_000_000))), ["an integer of more than 4300 digits"]);
        assert_eq!(messages(&parse(&format!("a = 0x{}\n", "f".repeat(1_000_000)))), [""; 0]);
        assert_eq!(messages(&parse(&format!("a = 1.{}\n", "3".repeat(1_000_000)))), [""; 0]);

        let parsed = parse("revision = 'a'\nb = 'c\0'\n");
        assert_eq!(messages(&parsed), ["source code cannot contain null bytes"]);
        assert_eq!(super::assigned(&parsed), ["revision"]);
        assert_eq!(messages(&parse("# \0")), ["source code cannot contain null bytes"]);

        let parsed = parse("a = '\\ud800'\n");
        assert_eq!(messages(&parsed), [""; 0]);
        assert_eq!(parsed.module, parse("a = '\\ufffd'\n").module);
        assert_eq!(parse("").module.body.len(), 0);
        assert_eq!(messages(&parse("")), [""; 0]);
    });
}

#[test]
fn every_prefix_of_every_fixture_is_refused_or_read() {
    on_stack(super::STACK, || {
        for folder in ["both", "newer", "broken"] {
            for path in super::python_files(&super::fixtures(folder)) {
                let text = super::text_of(&path).expect("decodes");
                for (at, _) in text.char_indices().filter(|(at, _)| at % 11 == 0) {
                    count(&parse(&text[..at]));
                    let _ = parse_with(Reader::RustPython, &text[at..]);
                }
            }
        }
    });
}

#[test]
fn the_corpus_of_the_fuzzer_is_refused_or_read() {
    on_stack(super::STACK, || {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fuzz/corpus/read");
        let mut replayed = 0;
        for entry in fs::read_dir(folder).expect("a corpus") {
            let bytes = fs::read(entry.expect("an entry").path()).expect("a file");
            let text = String::from_utf8_lossy(&bytes);
            count(&parse(&text));
            if let Err(difference) = super::compare(&text) {
                panic!("{difference}");
            }
            replayed += 1;
        }
        assert!(replayed > 0);
    });
}

#[test]
#[cfg(unix)]
fn only_regular_files_are_read() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("folder.py")).expect("a folder");
    symlink(at("nowhere.py"), at("dangling.py")).expect("a link");
    symlink(at("loop.py"), at("loop.py")).expect("a link");
    fs::write(at("empty.py"), "").expect("a file");
    fs::write(at("bytes.py"), b"revision = 'a'\nb = '\xff'\n").expect("a file");
    fs::write(at("secret.py"), "a = 1").expect("a file");
    fs::set_permissions(at("secret.py"), fs::Permissions::from_mode(0o000))
        .expect("no permissions");
    let made = std::process::Command::new("mkfifo").arg(at("pipe.py")).status();
    assert!(made.is_ok_and(|status| status.success()), "mkfifo");

    for name in ["folder.py", "dangling.py", "loop.py", "pipe.py", "missing.py"] {
        assert!(SourceFile::read(&at(name)).is_err(), "{name} was read");
    }
    assert!(SourceFile::read(Path::new("/dev/zero")).is_err());
    // Permissions do not hold for root.
    if fs::read(at("secret.py")).is_err() {
        assert!(SourceFile::read(&at("secret.py")).is_err());
    }
    let (file, error) = SourceFile::read(&at("empty.py")).expect("is read");
    assert_eq!((file.text(), error), ("", None));
    let (file, error) = SourceFile::read(&at("bytes.py")).expect("is read");
    assert!(error.is_some());
    assert_eq!(super::assigned(&parse(file.text())), ["revision", "b"]);
}

/// How many nodes a visitor meets.
fn count(parsed: &Parsed) -> usize {
    struct Count(usize);
    impl<'a> Visitor<'a> for Count {
        fn visit_stmt(&mut self, stmt: &'a Stmt) {
            self.0 += 1;
            walk_stmt(self, stmt);
        }

        fn visit_expr(&mut self, expr: &'a Expr) {
            self.0 += 1;
            walk_expr(self, expr);
        }
    }
    let mut count = Count(0);
    python::walk_module(&mut count, &parsed.module);
    count.0
}

fn messages(parsed: &Parsed) -> Vec<&str> {
    parsed.errors.iter().map(|error| error.message.as_str()).collect()
}

fn on_stack<T: Send + 'static>(size: usize, work: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = thread::Builder::new().stack_size(size).spawn(work).expect("a thread");
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

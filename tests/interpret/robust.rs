//! Nothing makes it fail, and nothing makes it go on for ever.

use python::interpret::Bounds;
use python::parse;

use super::{PROGRAMS, Recorder, run_with};

fn ends(program: &str) -> String {
    let parsed = parse(&format!("from host import emit, unknown\n{program}"));
    run_with(&parsed.module, Bounds::SMALL, &mut Recorder::default()).1
}

#[test]
fn what_never_ends_is_given_up() {
    assert_eq!(ends("while True:\n pass"), "stopped: too many steps");
    assert_eq!(ends("def f():\n f()\nf()"), "stopped: too deeply nested");
    assert_eq!(ends("a = [1]\nwhile True:\n a += a"), "stopped: too many objects");
    assert_eq!(ends("a = 'x' * 1000\nwhile True:\n a = a + a"), "stopped: too many steps");
    assert_eq!(ends("f = lambda x: x(x)\nf(f)"), "stopped: too deeply nested");
    assert_eq!(
        ends("class A:\n def __getattr__(self, n): return self.x\nA().y"),
        "stopped: too deeply nested"
    );
    assert_eq!(ends("def g():\n while True:\n  yield 1\nlist(g())"), "stopped: too many steps");
    assert_eq!(
        ends("a = []\na.append(a)\nemit(a == a, repr(a))\nb = [a]\na[0] = b\na == b"),
        "stopped: too deeply nested"
    );
}

#[test]
fn the_usual_bounds_fit_the_usual_stack() {
    let deepest = std::thread::Builder::new().stack_size(16 << 20).spawn(|| {
        let nested = format!("f = lambda x: {}x(x){}\nf(f)", "[".repeat(80), "]".repeat(80));
        let programs = [
            "def f(*a, **k):\n try:\n  for i in [1]:\n   with x:\n    if 1: return f(*a, **k)\n finally: pass\nx = unknown()\nf()",
            "class A:\n def __eq__(self, o): return self == o\nA() == 1",
            "class A:\n @property\n def x(self): return [self.x for i in [1]]\nA().x",
            "def f(): return sorted([1, 2], key=lambda i: f())\nf()",
            "f = lambda: f'{f():{f()}}'\nf()",
            nested.as_str(),
        ];
        for program in programs {
            let parsed = parse(&format!("from host import unknown\n{program}"));
            assert_eq!(parsed.errors, [], "{program}");
            let end = run_with(&parsed.module, Bounds::USUAL, &mut Recorder::default()).1;
            assert_eq!(end, "stopped: too deeply nested", "{program}");
        }
    });
    deepest.expect("a thread").join().expect("it does not overflow");
}

#[test]
fn what_nests_very_deep_is_dropped_and_compared() {
    for deeper in [
        "[x]",
        "(x,)",
        "tuple([x])",
        "(lambda *a: a)(x)",
        "[*zip([x])][0]",
        "{'k': x}",
        "{'k': (x, [x])}",
        "unknown(x)",
        "unknown.y(x).z",
        "A(x)",
        "f(x)",
        "-x",
    ] {
        let program = format!(
            "class A:\n def __init__(self, x): self.x = x\n\
             def f(x): return lambda: x\n\
             x = unknown.start\nfor i in range(9000):\n x = {deeper}\n\
             y = x\nif unknown():\n y = (x, x)\n\
             try:\n isinstance(1, x)\n issubclass(int, x)\nexcept TypeError: pass\nemit(1)"
        );
        let end = ends(&program);
        let is_bounded = ["returned", "stopped: too deeply nested", "stopped: too many objects"];
        assert!(is_bounded.contains(&end.as_str()), "{deeper}: {end}");
    }
}

#[test]
fn numbers_that_do_not_fit_are_unknown() {
    assert_eq!(
        ends(
            "x = 9223372036854775807 + 1\ny = 2 ** 999\nz = 10 ** 30\nw = -9223372036854775807 - 1\nemit(-w, abs(w), w // -1, 1 << 80, int('9' * 40))"
        ),
        "returned"
    );
    assert_eq!(
        ends(
            "range(0, 10 ** 18)[5]\nlist(range(10 ** 15))\n'a' * 10 ** 12\n[1] * 10 ** 12\n'%999999999d' % 1\nf'{1:999999999}'"
        ),
        "returned"
    );
}

/// Every program, with pieces of it taken out, swapped and repeated: none is sensible, and none
/// may make the interpreter fail.
#[test]
fn programs_in_disorder_do_no_harm() {
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % below.max(1) as u64) as usize
    };
    let lines: Vec<&str> = PROGRAMS.lines().filter(|line| !line.starts_with("# ---")).collect();
    let words: Vec<&str> = PROGRAMS
        .split(|each: char| !(each.is_alphanumeric() || each == '_'))
        .filter(|word| !word.is_empty())
        .collect();
    let bounds = Bounds { steps: 5_000, depth: 60, bytes: 1 << 20 };
    let mut ran = 0;
    for _ in 0..2_500 {
        let mut program = String::from("from host import emit, unknown\n");
        for _ in 0..=random(12) {
            let start = random(lines.len());
            for line in lines[start..].iter().take(1 + random(6)) {
                let line = match random(4) {
                    0 => {
                        let (old, new) = (words[random(words.len())], words[random(words.len())]);
                        line.replacen(old, new, 1)
                    }
                    1 => line.replacen(words[random(words.len())], "unknown()", 1),
                    _ => (*line).to_owned(),
                };
                program.push_str(&line);
                program.push('\n');
            }
        }
        let parsed = parse(&program);
        if parsed.errors.is_empty() {
            ran += 1;
        }
        run_with(&parsed.module, bounds, &mut Recorder::default());
    }
    assert!(ran > 60, "only {ran} of them are Python");
}

/// What is known and what is not, in every place of every program: `unknown()` for a name.
#[test]
fn any_name_may_be_unknown() {
    let bounds = Bounds { steps: 20_000, depth: 60, bytes: 1 << 20 };
    for program in PROGRAMS.split("# --- ").skip(1).filter_map(|each| each.split_once('\n')) {
        for line in 0..program.1.lines().count() {
            let lines = program.1.lines().enumerate().map(|(at, text)| {
                match (at == line, text.split_once(" = ")) {
                    (true, Some((target, _))) => format!("{target} = unknown()"),
                    _ => text.to_owned(),
                }
            });
            let text = lines.collect::<Vec<_>>().join("\n");
            let parsed = parse(&format!("from host import emit, unknown\n{text}"));
            run_with(&parsed.module, bounds, &mut Recorder::default());
        }
    }
}

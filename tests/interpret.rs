//! The interpreter does what Python does, and where it cannot know it says so.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::thread;

use diagnostics::FileId;
use python::interpret::{
    Answer, Arguments, Bounds, End, Host, Interpreter, Object, Outcome, Site, Source,
};
use python::parse;

mod support;

#[path = "interpret/corpus.rs"]
mod corpus;
#[path = "interpret/imports.rs"]
mod imports;
#[path = "interpret/joins.rs"]
mod joins;
#[path = "interpret/robust.rs"]
mod robust;

const PROGRAMS: &str = include_str!("interpret/programs.py");

/// Runs each program by itself and writes one line a call of `emit`, and an empty one at the end.
const RUNNER: &str = r#"
import sys
def text(value):
    if isinstance(value, str):
        return '"' + str.__str__(value).replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r") + '"'
    if isinstance(value, (bool, int, float, type(None))):
        return repr(value)
    if isinstance(value, bytes):
        return "b:" + value.hex()
    if isinstance(value, tuple):
        return "(" + " ".join(map(text, value)) + ")"
    if isinstance(value, list):
        return "[" + " ".join(map(text, value)) + "]"
    if isinstance(value, (set, frozenset)):
        return "{" + " ".join(sorted(map(text, value))) + "}"
    if isinstance(value, dict):
        return "{" + " ".join(text(k) + ":" + text(v) for k, v in value.items()) + "}"
    return "<" + type(value).__name__ + ">"
out = []
def emit(*args, **kwargs):
    out.append(" ".join([text(each) for each in args] + [k + "=" + text(v) for k, v in kwargs.items()]))
import types
for program in sys.stdin.read().split("\0"):
    module = sys.modules["program"] = types.ModuleType("program")
    module.emit = emit
    try:
        exec(compile("from __future__ import annotations\n" + program, "program", "exec"), module.__dict__)
    except Exception as error:
        out.append("raised " + type(error).__name__)
    out.append("\0")
sys.stdout.buffer.write("\n".join(out).encode())
"#;

/// Records what `emit` is called with; `unknown()` is unknown.
#[derive(Default)]
pub struct Recorder {
    calls: Vec<String>,
}

impl<'t> Host<'t> for Recorder {
    fn module(&mut self, _: &str, _: u32, _: FileId) -> Option<Source<'t>> {
        None
    }

    fn call(&mut self, callee: &Object<'t>, arguments: &Arguments<'t>, _: Site) -> Answer<'t> {
        if callee.as_foreign().and_then(|foreign| foreign.name()) != Some("host.emit") {
            return Answer::Symbolic;
        }
        let mut line = String::new();
        for (at, argument) in arguments.positional.iter().enumerate() {
            line.push_str(if at > 0 { " " } else { "" });
            line.push_str(&text(&argument.value));
        }
        for (at, (name, argument)) in arguments.keywords.iter().enumerate() {
            let between = if at > 0 || !arguments.positional.is_empty() { " " } else { "" };
            let _ = write!(line, "{between}{}={}", &**name, text(&argument.value));
        }
        self.calls.push(line);
        Answer::Value(Object::None)
    }
}

#[test]
fn programs_do_what_they_do_in_python() {
    let programs: Vec<(&str, &str)> =
        PROGRAMS.split("# --- ").skip(1).filter_map(|program| program.split_once('\n')).collect();
    assert!(programs.len() >= 130, "only {} programs", programs.len());
    let expected = by_python(&programs);
    let bodies: Vec<&'static str> = programs.iter().map(|(_, body)| *body).collect();
    let found = thread::Builder::new()
        .stack_size(16 << 20)
        .spawn(move || bodies.into_iter().map(interpreted).collect::<Vec<_>>())
        .expect("a thread")
        .join()
        .expect("it does not panic");
    let mut wrong = String::new();
    for (((name, _), expected), found) in programs.iter().zip(&expected).zip(&found) {
        for (at, line) in expected.iter().enumerate() {
            let other = found.get(at).map_or("nothing", String::as_str);
            if other != line {
                let _ = write!(wrong, "\n{name}\n  python: {line}\n  here:   {other}\n");
                break;
            }
        }
        if found.len() > expected.len() {
            let _ = write!(wrong, "\n{name}: more calls: {}\n", found[expected.len()]);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn by_python(programs: &[(&str, &str)]) -> Vec<Vec<String>> {
    let mut python = Command::new("python3")
        .args(["-W", "ignore", "-c", RUNNER])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the tests need python3 on the PATH");
    let bodies: Vec<&str> = programs.iter().map(|(_, body)| *body).collect();
    let mut input = python.stdin.take().expect("piped");
    input.write_all(bodies.join("\0").as_bytes()).expect("python reads it all");
    drop(input);
    let output = python.wait_with_output().expect("python ends");
    assert!(output.status.success(), "the runner fails");
    let text = String::from_utf8(output.stdout).expect("it writes UTF-8");
    let mut results: Vec<Vec<String>> = vec![Vec::new()];
    for line in text.lines() {
        match line {
            "\0" => results.push(Vec::new()),
            line => results.last_mut().expect("never empty").push(line.to_owned()),
        }
    }
    results.pop();
    assert_eq!(results.len(), programs.len());
    results
}

fn interpreted(program: &str) -> Vec<String> {
    let parsed = parse(&format!("from host import emit\n{program}"));
    assert_eq!(parsed.errors, [], "{program}");
    let mut recorder = Recorder::default();
    let mut interpreter = Interpreter::new(Bounds::USUAL);
    let source = Source { tree: &parsed.module, file: FileId::new(0), is_package: false };
    let Outcome { end, .. } = interpreter.run(source, "program", &mut recorder);
    match end {
        End::Returned(_) => {}
        End::Raised(exception) => {
            recorder.calls.push(format!("raised {}", exception.object.type_name()));
        }
        End::Stopped(place, why) => recorder.calls.push(format!("stopped at {place:?}: {why}")),
    }
    recorder.calls
}

/// A value as the runner writes it; `?` for what is unknown.
pub fn text(object: &Object<'_>) -> String {
    let list = |items: &[Object<'_>]| items.iter().map(text).collect::<Vec<_>>().join(" ");
    match object.primitive() {
        Object::None => "None".to_owned(),
        Object::Bool(value) => if *value { "True" } else { "False" }.to_owned(),
        Object::Int(value) => value.to_string(),
        Object::Float(value) => float(*value),
        Object::Str(text) => {
            let text = text.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r");
            format!("\"{text}\"")
        }
        Object::Bytes(bytes) => bytes.iter().fold("b:".to_owned(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        }),
        Object::Tuple(items) => format!("({})", list(items)),
        Object::List(items) => match items.items() {
            Ok(items) => format!("[{}]", list(&items)),
            Err(_) => "[?]".to_owned(),
        },
        Object::Set(set) => {
            let mut items: Vec<String> = set.entries().iter().map(|(item, _)| text(item)).collect();
            items.sort();
            let open = if set.open().is_some() { "?" } else { "" };
            format!("{{{}{open}}}", items.join(" "))
        }
        Object::Dict(dict) => {
            let items = dict.entries();
            let items: Vec<String> =
                items.iter().map(|(key, value)| format!("{}:{}", text(key), text(value))).collect();
            let open = if dict.open().is_some() { "?" } else { "" };
            format!("{{{}{open}}}", items.join(" "))
        }
        Object::Unknown(_) => "?".to_owned(),
        Object::Instance(instance) => format!("<{}>", &*instance.class.name),
        Object::Foreign(foreign) => format!("<{}>", foreign.name().unwrap_or("made")),
        other => format!("<{}>", other.type_name()),
    }
}

/// Python's `repr` of a float, for those of the programs.
fn float(value: f64) -> String {
    let plain = format!("{value:?}");
    match plain.split_once('e') {
        Some((mantissa, power)) => {
            let power: i32 = power.parse().expect("an exponent");
            let sign = if power < 0 { '-' } else { '+' };
            format!("{}e{sign}{:02}", mantissa.trim_end_matches(".0"), power.abs())
        }
        None => plain,
    }
}

/// Runs `program` with `recorder` as its host; gives how it ended.
pub fn run_with<'t>(
    tree: &'t python::Module,
    bounds: Bounds,
    host: &mut dyn Host<'t>,
) -> (Option<Rc<python::interpret::Module<'t>>>, String) {
    let mut interpreter = Interpreter::new(bounds);
    let source = Source { tree, file: FileId::new(0), is_package: false };
    match interpreter.run(source, "program", host).end {
        End::Returned(Object::Module(module)) => (Some(module), "returned".to_owned()),
        End::Returned(_) => (None, "returned".to_owned()),
        End::Raised(exception) => (None, format!("raised {}", exception.object.type_name())),
        End::Stopped(_, why) => (None, format!("stopped: {why}")),
    }
}

//! Modules of the project are run once; all others are names.

use diagnostics::FileId;
use python::interpret::{Answer, Arguments, Bounds, End, Host, Interpreter, Object, Site, Source};
use python::{Parsed, parse};

use super::text;

/// A project of these modules, each with its dotted name.
struct Project<'t> {
    modules: Vec<(&'static str, &'t Parsed)>,
    calls: Vec<String>,
}

impl<'t> Host<'t> for Project<'t> {
    fn module(&mut self, name: &str, level: u32, from: FileId) -> Option<Source<'t>> {
        let importer = self.modules.get(from.index()).map_or("", |module| module.0);
        let is_package = |name: &str| {
            self.modules
                .iter()
                .any(|module| module.0.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')))
        };
        let mut package: Vec<&str> = importer.split('.').collect();
        let up = level as usize - usize::from(level > 0 && is_package(importer));
        package.truncate(package.len().saturating_sub(up));
        let mut path = if level == 0 { Vec::new() } else { package };
        path.extend((!name.is_empty()).then_some(name));
        let wanted = path.join(".");
        let at = self.modules.iter().position(|(each, _)| *each == wanted)?;
        let tree = &self.modules[at].1.module;
        Some(Source { tree, file: FileId::new(at), is_package: is_package(&wanted) })
    }

    fn call(&mut self, callee: &Object<'t>, arguments: &Arguments<'t>, site: Site) -> Answer<'t> {
        if callee.as_foreign().and_then(|foreign| foreign.name()) == Some("host.op") {
            let values: Vec<String> = arguments.values().map(text).collect();
            let (here, entry) = (site.place.file.index(), site.entry.file.index());
            self.calls.push(format!("{} in {here} from {entry}", values.join(" ")));
            return Answer::Value(Object::None);
        }
        Answer::Symbolic
    }
}

fn calls(modules: &[(&'static str, &str)]) -> (Vec<String>, String) {
    let parsed: Vec<(&'static str, Parsed)> =
        modules.iter().map(|(name, text)| (*name, parse(text))).collect();
    let modules = parsed.iter().map(|(name, parsed)| (*name, parsed)).collect();
    let mut project = Project { modules, calls: Vec::new() };
    let mut interpreter = Interpreter::new(Bounds::SMALL);
    let tree = &parsed[0].1.module;
    let source = Source { tree, file: FileId::new(0), is_package: false };
    let end = interpreter.run(source, parsed[0].0, &mut project).end;
    let end = match end {
        End::Returned(Object::Module(module)) => {
            if let Some(upgrade) = interpreter.attribute(&module, "upgrade", &mut project) {
                interpreter.call(&upgrade, Arguments::default(), &mut project);
            }
            interpreter.forget(&module);
            "returned".to_owned()
        }
        End::Raised(exception) => format!("raised {}", exception.object.type_name()),
        other => format!("{other:?}"),
    };
    (project.calls, end)
}

const HELPER: &str = "from host import op\nTABLE = 'users'\n_hidden = 1\n\
                      def make(name):\n op(name)\nclass Base:\n @classmethod\n def up(cls):\n  op(cls.table)\n";

#[test]
fn helpers_of_the_project_run_with_the_place_of_the_revision() {
    let revision = "from app.helper import make, TABLE, Base\nimport app.helper as h, app.helper\n\
                    class Users(Base):\n table = 'u'\n\
                    def upgrade():\n make(TABLE)\n h.make('a')\n app.helper.make('b')\n Users.up()\n";
    let (calls, end) = calls(&[("revision", revision), ("app", ""), ("app.helper", HELPER)]);
    assert_eq!(end, "returned");
    let expected =
        ["\"users\" in 2 from 0", "\"a\" in 2 from 0", "\"b\" in 2 from 0", "\"u\" in 2 from 0"];
    assert_eq!(calls, expected);
}

#[test]
fn relative_imports_and_imports_in_functions_are_found() {
    let revision = "def upgrade():\n from . import helper\n from .helper import make as m\n\
                    \x20helper.make(1)\n m(helper.TABLE)\n from .helper import *\n make(TABLE)\n";
    let (calls, end) = calls(&[("app.revision", revision), ("app", ""), ("app.helper", HELPER)]);
    assert_eq!(end, "returned");
    assert_eq!(calls, ["1 in 2 from 0", "\"users\" in 2 from 0", "\"users\" in 2 from 0"]);
}

#[test]
fn a_module_is_run_once_and_may_import_in_circles() {
    let modules = [
        ("revision", "import a, b\nfrom host import op\nop(a.x, b.y, a.b.y)"),
        ("a", "from host import op\nop('a')\nx = 1\nimport b\n"),
        ("b", "from host import op\nop('b')\nimport a\ny = a.x + 1\n"),
    ];
    let (calls, end) = calls(&modules);
    assert_eq!(end, "returned");
    assert_eq!(calls, ["\"a\" in 1 from 0", "\"b\" in 2 from 0", "1 2 2 in 0 from 0"]);
}

#[test]
fn an_import_at_the_top_is_done_when_its_name_is_read() {
    let modules = [
        (
            "revision",
            "from host import op\nimport a.b\nfrom a import x as y, missing\n\
             try:\n from c import z\nexcept ImportError:\n z = 0\n\
             op('none yet')\nop(y)\nop(z)\nop(a.b.w)\n",
        ),
        ("a", "from host import op\nop('a')\nx = 1\nfrom c import never\n"),
        ("a.b", "from host import op\nop('b')\nw = 2\n"),
        ("c", "from host import op\nop('c')\nz = 3\n"),
    ];
    let (calls, end) = calls(&modules);
    assert_eq!(end, "returned");
    let expected = [
        "\"c\" in 3 from 0",
        "\"none yet\" in 0 from 0",
        "\"a\" in 1 from 0",
        "1 in 0 from 0",
        "3 in 0 from 0",
        "\"b\" in 2 from 0",
        "2 in 0 from 0",
    ];
    assert_eq!(calls, expected);
}

#[test]
fn names_that_import_each_other_come_to_an_end() {
    // A name imported from its own package went round until the stack was used up.
    let modules = [
        ("revision", "from app import settings, one\nfrom host import op\nop(settings.x, one)"),
        ("app", "from app import settings\nfrom app.first import one\n"),
        ("app.settings", "x = 1\n"),
        ("app.first", "from app.second import one\n"),
        ("app.second", "from app.first import one\n"),
    ];
    let (calls, end) = calls(&modules);
    assert_eq!(end, "returned");
    assert_eq!(calls, ["1 ? in 0 from 0"]);
}

#[test]
fn what_a_module_that_fails_has_bound_stays_known() {
    let modules = [
        ("revision", "import a\nfrom a import x, z\nfrom host import op\nop(x, a.y, z)"),
        ("a", "x = 1\nraise ValueError()\ny = 2\n"),
    ];
    let (calls, end) = calls(&modules);
    assert_eq!(end, "returned");
    assert_eq!(calls, ["1 ? ? in 0 from 0"]);
}

#[test]
fn an_import_under_an_unknown_condition_is_whole_in_both_ways() {
    let modules = [
        (
            "revision",
            "from host import op, what\nif what():\n import a\n op(a.x, a.y)\nelse:\n import a\n op(a.x, a.y)\nimport a\nop(a.y)",
        ),
        ("a", "from host import what\nx = 1\nif what():\n x = 2\ny = 3\n"),
    ];
    let (calls, end) = calls(&modules);
    assert_eq!(end, "returned");
    assert_eq!(calls, ["? 3 in 0 from 0", "? 3 in 0 from 0", "3 in 0 from 0"]);
}

#[test]
fn a_name_that_a_module_does_not_bind_is_unknown_or_what_it_gives_for_it() {
    let modules = [
        ("revision", "from a import y, z\nimport b\nfrom host import op\nop(y, z, b.c)"),
        ("a", "def __getattr__(name):\n return 'lazy ' + name\n"),
        ("b", "globals()['c'] = 1\n"),
    ];
    let (calls, end) = calls(&modules);
    assert_eq!(end, "returned");
    assert_eq!(calls, ["\"lazy y\" \"lazy z\" ? in 0 from 0"]);
}

//! What is unknown, and no more than that.

use std::rc::Rc;

use diagnostics::FileId;
use python::interpret::{
    Answer, Arguments, Bounds, Fork, ForkKind, Host, Keep, Object, Shape, Site, Snapshot, Source,
};
use python::parse;

use super::text;

/// Its state is the list of operations; a join shows both ways.
#[derive(Default)]
struct Journal {
    done: Vec<String>,
    keep: Option<Keep>,
    opaque: Vec<String>,
}

impl<'t> Host<'t> for Journal {
    fn module(&mut self, _: &str, _: u32, _: FileId) -> Option<Source<'t>> {
        None
    }

    fn call(&mut self, callee: &Object<'t>, arguments: &Arguments<'t>, site: Site) -> Answer<'t> {
        let values: Vec<String> = arguments.values().map(text).collect();
        let Some(foreign) = callee.as_foreign() else { return Answer::Symbolic };
        match &foreign.shape {
            Shape::Name(name) => match &**name {
                "host.unknown" => Answer::Unknown("what a query gives".into()),
                "host.opaque" => Answer::Opaque("what nobody knows".into()),
                "host.fail" => Answer::Raise(Object::foreign("host.Failure", site.place)),
                "host.callback" => match arguments.at(0) {
                    Some(first) => Answer::Call(first.value.clone(), Arguments::default()),
                    None => Answer::Symbolic,
                },
                "host.op" => {
                    self.done.push(values.join(" "));
                    Answer::Value(Object::None)
                }
                _ => Answer::Symbolic,
            },
            _ => Answer::Symbolic,
        }
    }

    fn catches(&mut self, raised: &Object<'t>, class: &Object<'t>) -> Option<bool> {
        let name = |object: &Object<'t>| object.as_foreign()?.name().map(str::to_owned);
        Some(name(raised)? == name(class)?)
    }

    fn opaque_call(&mut self, callee: &Object<'t>, arguments: &Arguments<'t>, _: Site) {
        let values: Vec<String> = arguments.values().map(text).collect();
        self.opaque.push(format!("{}({})", text(callee), values.join(" ")));
    }

    fn snapshot(&mut self) -> Snapshot {
        Rc::new(self.done.clone())
    }

    fn restore(&mut self, snapshot: &Snapshot) {
        self.done.clone_from(snapshot.downcast_ref::<Vec<String>>().expect("made here"));
    }

    fn join(&mut self, first: &Snapshot, second: &Snapshot, fork: &Fork) -> Keep {
        let of = |snapshot: &Snapshot| -> Vec<String> {
            snapshot.downcast_ref::<Vec<String>>().expect("made here").clone()
        };
        let (first, second) = (of(first), of(second));
        assert_eq!(self.done, second, "the state is the second's when two ways join");
        if let Some(keep) = self.keep {
            self.done = if keep == Keep::First { first } else { second };
            return keep;
        }
        if first != second {
            let common = first.iter().zip(&second).take_while(|(a, b)| a == b).count();
            let kind = match fork.kind {
                ForkKind::Condition => "if",
                ForkKind::EarlyExit => "left",
                ForkKind::Loop => "loop",
                ForkKind::Handler => "handler",
            };
            let joined =
                format!("{kind}({}|{})", first[common..].join(", "), second[common..].join(", "));
            self.done.truncate(common);
            self.done.push(joined);
        }
        Keep::Both
    }
}

fn journal(program: &str, keep: Option<Keep>) -> (Vec<String>, Vec<String>, String) {
    let parsed =
        parse(&format!("from host import op, unknown, opaque, fail, callback, Failure\n{program}"));
    assert_eq!(parsed.errors, [], "{program}");
    let mut journal = Journal { keep, ..Journal::default() };
    let (_, end) = super::run_with(&parsed.module, Bounds::SMALL, &mut journal);
    (journal.done, journal.opaque, end)
}

fn done(program: &str) -> String {
    let (done, _, end) = journal(program, None);
    assert_eq!(end, "returned", "{program}");
    done.join(", ")
}

#[test]
fn both_ways_of_an_unknown_condition_run_from_one_state() {
    assert_eq!(done("if unknown():\n op(1)\nelse:\n op(2)\nop(3)"), "if(1|2), 3");
    assert_eq!(done("if unknown():\n op(1)\nop(3)"), "if(1|), 3");
    assert_eq!(done("if unknown():\n x = 1\nop(3)"), "3");
}

#[test]
fn what_both_ways_agree_on_stays_known() {
    let program = "a = 1\nb = 1\nc = [1, 2]\nd = {'k': 1, 'l': 2}\n\
                   if unknown():\n a = 2\n b = 1\n c.append(3)\n d['k'] = 5\n e = 1\n\
                   op(a, b, c, d, e)";
    assert_eq!(done(program), "? 1 [?] {\"k\":? \"l\":2} ?");
    let program = "if unknown():\n a = [1]\nelse:\n a = [1]\nop(a)";
    assert_eq!(done(program), "[1]");
    let program = "c = [1, 2]\nif unknown():\n c[0] = 5\nop(c, len(c))";
    assert_eq!(done(program), "[? 2] 2");
    let program =
        "d = {'k': 1}\nif unknown():\n d['new'] = 5\nop(d['k'], d.get('new'), 'k' in d, 'q' in d)";
    assert_eq!(done(program), "1 ? True ?");
}

#[test]
fn a_branch_is_undone_before_the_other_runs() {
    let program = "c = []\nclass A:\n  n = 0\na = A()\n\
                   if unknown():\n c.append(1)\n a.n = 1\n A.n = 2\n op(c, a.n)\nelse:\n op(c, a.n)";
    assert_eq!(done(program), "if([1] 1|[] 0)");
}

#[test]
fn an_early_return_is_joined_at_the_end_of_the_function() {
    let program = "def f():\n if unknown():\n  return 1\n op('rest')\n return 1\nop(f())";
    assert_eq!(done(program), "left(|\"rest\"), 1");
    let program =
        "def f():\n if unknown():\n  op('a')\n  return 'a'\n op('b')\n return 'b'\nop(f())";
    assert_eq!(done(program), "left(\"a\"|\"b\"), ?");
    let program =
        "def f():\n if unknown():\n  if unknown():\n   return\n  op(1)\n op(2)\nf()\nop(3)";
    assert_eq!(done(program), "left(|if(1|), 2), 3");
    let program =
        "def f():\n if unknown():\n  return\n x = 1\n if unknown():\n  return\n op(x)\nf()\nop(3)";
    assert_eq!(done(program), "left(|left(|1)), 3");
}

#[test]
fn breaks_and_continues_are_joined_where_they_lead() {
    let program = "for i in [1, 2]:\n if unknown():\n  continue\n op(i)\nop(3)";
    assert_eq!(done(program), "left(|1), left(|2), 3");
    let program = "for i in [1, 2]:\n if unknown():\n  break\n op(i)\nop(3)";
    assert_eq!(done(program), "left(|1, left(|2)), 3");
    let program = "n = 0\nwhile True:\n n += 1\n if unknown():\n  break\nop(n)";
    assert_eq!(done(program), "?");
}

#[test]
fn a_loop_over_something_unknown_runs_once_or_not_at_all() {
    assert_eq!(done("for row in unknown():\n op(row)\nop(3)"), "loop(?|), 3");
    assert_eq!(done("for row in unknown():\n x = row\nop(3)"), "3");
    assert_eq!(done("n = 0\nfor row in unknown():\n op(n)\n n += 1\nop(n)"), "loop(?|), ?");
    assert_eq!(
        done("first = True\nfor row in unknown():\n if first:\n  op(1)\n first = False\nop(2)"),
        "loop(if(1|)|), 2"
    );
    assert_eq!(done("xs = [op(row) for row in unknown()]\nop(xs)"), "loop(?|), [?]");
    assert_eq!(done("while unknown():\n op(1)\nop(2)"), "loop(1|), 2");
}

#[test]
fn what_is_raised_under_an_unknown_condition_is_joined_in_a_handler_or_dropped() {
    assert_eq!(done("if unknown():\n raise ValueError()\nop(1)"), "1");
    let program =
        "try:\n if unknown():\n  raise ValueError()\n op(1)\nexcept ValueError:\n op(2)\nop(3)";
    assert_eq!(done(program), "handler(2|1), 3");
    let program = "x = 1\nif unknown():\n x = 2\n raise ValueError()\nop(x)";
    assert_eq!(done(program), "1");
}

#[test]
fn a_sure_failure_of_the_host_is_handled() {
    assert_eq!(done("try:\n op(1)\n fail()\n op(2)\nexcept Failure:\n op(3)\nop(4)"), "1, 3, 4");
    assert_eq!(done("try:\n fail()\nexcept Exception:\n op(3)"), "3");
    assert_eq!(journal("op(1)\nfail()\nop(2)", None).0, ["1"]);
}

#[test]
fn only_what_is_passed_to_the_unknown_becomes_unknown() {
    let program = "a = [1]\nb = [2]\nd = {}\nx = opaque(a, d)\nop(a, b, d, x)";
    let (done, opaque, _) = journal(program, None);
    assert_eq!(done, ["[?] [2] {?} ?"]);
    assert_eq!(opaque, ["<host.opaque>([?] {?})"]);
    assert_eq!(self::done("a = [1]\nx = unknown(a)\nop(a, x.y.z(1)[2])"), "[1] ?");
}

#[test]
fn unknown_operands_are_evaluated_under_the_condition() {
    assert_eq!(done("x = unknown() and op(1)\nop(x)"), "if(1|), ?");
    assert_eq!(done("if unknown() and False:\n op(1)\nelse:\n op(2)"), "2");
    assert_eq!(done("if unknown() or not op(1):\n op(2)"), "if(1|), 2");
    assert_eq!(done("x = unknown() or True\nop(x, not unknown())"), "? ?");
    assert_eq!(done("x = 1 if unknown() else 1\ny = 1 if unknown() else 2\nop(x, y)"), "1 ?");
}

#[test]
fn the_host_may_take_one_road() {
    let program = "x = 1\nif unknown():\n x = 2\n op('a')\nop(x)";
    assert_eq!(journal(program, Some(Keep::First)).0, ["\"a\"", "2"]);
    assert_eq!(journal(program, Some(Keep::Second)).0, ["1"]);
    let program = "def f():\n if unknown():\n  return 0\n op('a')\n return 1\nop(f())";
    assert_eq!(journal(program, Some(Keep::Second)).0, ["\"a\"", "1"]);
}

#[test]
fn a_host_may_call_back() {
    assert_eq!(done("def f():\n op(1)\n return 5\nop(callback(f))"), "1, 5");
    assert_eq!(done("op(callback(lambda: 7))"), "7");
}

#[test]
fn a_generator_that_is_a_context_manager_may_have_two_roads() {
    let program = "from contextlib import contextmanager\n\
                   @contextmanager\ndef guard():\n if unknown():\n  op('off')\n  yield\n  op('on')\n else:\n  yield\n\
                   with guard():\n op('body')\nop('end')";
    assert_eq!(done(program), "if(\"off\", \"body\", \"on\"|\"body\"), \"end\"");
}

#[test]
fn a_class_of_an_unknown_base_may_be_an_enum() {
    let program = "class A(unknown()):\n x = 'x'\n def f(self): return 1\nop(A.x, A.x.value)";
    assert_eq!(done(program), "? ?");
    assert_eq!(done("d = {}\nd.__setitem__('a', 1)\nop(d)"), "{?}");
}

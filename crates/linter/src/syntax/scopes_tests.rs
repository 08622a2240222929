use super::*;

fn names(text: &str) -> Vec<String> {
    let parsed = python::parse(text);
    assert!(parsed.errors.is_empty(), "{text}");
    undefined(&parsed.module).into_iter().map(|found| found.name.to_owned()).collect()
}

#[track_caller]
fn assert_defined(text: &str) {
    assert_eq!(names(text), Vec::<String>::new(), "{text}");
}

#[test]
fn builtins_are_defined() {
    assert_defined("print(__file__, __name__, ValueError, _('text'))\n");
}

#[test]
fn what_nothing_binds_is_undefined() {
    assert_eq!(
        names("import sqlalchemy as sa\nx = postgresql.UUID(sa.a, b)\n"),
        ["postgresql", "b"]
    );
    assert_eq!(names("def f():\n    return lambda x: (x, y)\n"), ["y"]);
    assert_eq!(names("@decorate\ndef f(a=default): pass\n"), ["decorate", "default"]);
    assert_eq!(names("class A(Base, k=meta): pass\n"), ["Base", "meta"]);
    assert_eq!(names("f'{x!r:{y}}'\n"), ["x", "y"]);
    assert_eq!(names("a += 1\n"), Vec::<String>::new());
}

#[test]
fn functions_see_what_the_module_binds_later() {
    assert_defined("def f():\n    return g(A)\ndef g(x): return x\nA = 1\n");
    assert_defined("def f():\n    if x:\n        y = 1\n    return y\nfor x in []: pass\n");
}

#[test]
fn class_names_are_not_seen_in_methods() {
    assert_defined("class A:\n    x = 1\n    y = x\n");
    assert_eq!(names("class A:\n    x = 1\n    def f(self): return x\n"), ["x"]);
    assert_eq!(names("class A:\n    x = 1\n    y = [x for _ in [x]]\n"), ["x"]);
    assert_defined("class A:\n    def f(self): return __class__\n");
}

#[test]
fn every_binding_counts() {
    assert_defined("with a() as (b, *c), d as e[0]: pass\nimport a, d, e\nb, c\n");
    assert_defined("try: pass\nexcept OSError as error: error\n");
    assert_defined("match 1:\n    case {'a': b, **c}: b, c\n    case [d, *e]: d, e\n");
    assert_defined("if (n := 1): n\n[m for x in [1] if (m := x)]\nm\n");
    assert_defined("def f(a, /, b, *c, d=1, **e): a, b, c, d, e\n");
    assert_defined("def f():\n    global g\n    g = 1\ndef h(): return g\n");
    assert_defined(
        "def f():\n    a = 1\n    def g():\n        nonlocal a\n        a = 2\n    return g\n",
    );
    assert_defined("def f[T](x): return T\nclass A[T]:\n    x = T\ntype B = int\nB\n");
    assert_defined("import a.b.c\nfrom d import e as f\na, f\n");
    assert_defined("{k: v for k, v in {}.items()}\nsum(x for y in [] for x in y)\n");
    assert_defined("del a\na = 1\n");
}

#[test]
fn a_name_bound_in_one_function_is_unknown_in_another() {
    assert_eq!(names("def f():\n    a = 1\ndef g():\n    return a\n"), ["a"]);
    assert_eq!(names("[x for x in []]\nx\n"), ["x"]);
}

#[test]
fn annotations_are_not_judged() {
    assert_defined("from __future__ import annotations\ndef f(a: A) -> B:\n    c: C = 1\n");
    assert_defined("a: Union[str, None] = None\n");
}

#[test]
fn star_imports_and_exec_make_the_file_dynamic() {
    assert_defined("from a import *\nb\n");
    assert_defined("exec('b = 1')\nb\n");
    assert_defined("globals()['b'] = 1\nb\n");
    assert_defined("globals().update(b=1)\nb\n");
    assert_eq!(names("globals()['upgrade_%s' % b]()\n"), ["b"]);
}

#[test]
fn what_would_be_caught_is_not_undefined() {
    assert_defined("try:\n    unicode\nexcept NameError:\n    unicode = str\n");
    assert_defined("try:\n    a\nexcept Exception: pass\n");
    assert_eq!(names("try:\n    a\nexcept ValueError: pass\n"), ["a"]);
    assert_defined("import sys\nif sys.version_info[0] < 3:\n    text = unicode('a')\n");
}

#[test]
fn what_is_read_at_load_is_told_from_what_is_read_later() {
    let module = python::parse("a\nclass C:\n    b\ndef f(c=d): e\n").module;
    let found: Vec<(&str, bool)> =
        undefined(&module).iter().map(|found| (found.name, found.is_at_load)).collect();
    assert_eq!(found, [("a", true), ("b", true), ("d", true), ("e", false)]);
}

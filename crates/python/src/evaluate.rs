//! What the top level of a module settles about its names, without running it.

mod forgetting;
mod values;

use std::collections::BTreeMap;

use diagnostics::{FileId, Place, Span};

use self::forgetting::Forgetter;
use crate::{Expr, ExprKind, Known, Module, Name, Stmt, StmtKind, Visitor, walk_stmt};

/// A value with more parts, or a text with more bytes, is taken as dynamic.
const MOST_PARTS: usize = 1 << 16;

/// A literal value and the expression that has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Valued {
    /// The expression, where it is used.
    pub span: Span,
    /// Whether the expression is the literal itself, written as one token: an edit may replace it.
    pub is_plain: bool,
    /// What it is.
    pub value: Value,
    parts: usize,
}

/// A value that the text settles.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `None`.
    None,
    /// `True`, `False`.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A float.
    Float(f64),
    /// A string.
    Str(Box<str>),
    /// Bytes.
    Bytes(Box<[u8]>),
    /// A tuple, or a `frozenset` or generator call's argument taken as one.
    Tuple(Vec<Valued>),
    /// A list.
    List(Vec<Valued>),
    /// A set, entries in the order they are written.
    Set(Vec<Valued>),
    /// A dict, items in the order they are written.
    Dict(Vec<(Valued, Valued)>),
}

/// How a name of the module was bound last.
#[derive(Clone, Debug, PartialEq)]
pub struct Binding {
    /// The statement that binds it.
    pub statement: Span,
    /// The expression whose value it has, where there is one.
    pub expression: Option<Span>,
    /// Its value.
    pub value: Known<Valued>,
}

/// The names that a module binds at its top level, each with its last value.
#[derive(Clone, Debug, PartialEq)]
pub struct Constants {
    file: FileId,
    bindings: BTreeMap<Name, Binding>,
    star_import: Option<Span>,
}

impl Value {
    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The entries of a tuple, list or set.
    pub fn entries(&self) -> Option<&[Valued]> {
        match self {
            Self::Tuple(entries) | Self::List(entries) | Self::Set(entries) => Some(entries),
            _ => None,
        }
    }
}

impl Constants {
    /// Runs through the top level of `module` in order; the last binding of a name holds. What is
    /// bound under a condition or in a loop is dynamic.
    pub fn of(module: &Module, file: FileId) -> Self {
        let mut constants = Self { file, bindings: BTreeMap::new(), star_import: None };
        for statement in &module.body {
            constants.bind_statement(statement);
        }
        for statement in &module.body {
            constants.forget_globals(statement);
        }
        constants
    }

    /// How `name` was bound, or `None` where the module does not bind it.
    pub fn get(&self, name: &str) -> Option<&Binding> {
        self.bindings.get(name)
    }

    /// The names bound, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.bindings.keys().map(Name::as_str)
    }

    /// The last `from … import *`, which may bind anything.
    pub fn star_import(&self) -> Option<Span> {
        self.star_import
    }

    /// The value of `expression` by these constants.
    pub fn evaluate(&self, expression: &Expr) -> Known<Valued> {
        match self.value_of(expression) {
            Some(value) => Known::Literal(value),
            None => Known::Dynamic(Place::new(self.file, expression.span)),
        }
    }

    /// The text of `expression`, where it is a string that the module settles.
    pub fn text(&self, expression: &Expr) -> Option<Box<str>> {
        match self.value_of(expression)?.value {
            Value::Str(text) => Some(text),
            _ => None,
        }
    }

    fn bind_statement(&mut self, statement: &Stmt) {
        match &statement.kind {
            StmtKind::Assign(assign) => {
                let value = self.value_of(&assign.value);
                for target in &assign.targets {
                    self.bind_target(statement.span, target, &assign.value, value.as_ref());
                }
            }
            StmtKind::AnnAssign(assign) => {
                let Some(expression) = &assign.value else { return };
                let value = self.value_of(expression);
                self.bind_target(statement.span, &assign.target, expression, value.as_ref());
            }
            StmtKind::With(with) => {
                for item in &with.items {
                    if let Some(target) = &item.target {
                        self.forget_target(statement.span, target);
                    }
                }
                for inner in &with.body {
                    self.bind_statement(inner);
                }
            }
            StmtKind::Function(function) => self.forget(statement.span, function.name.clone()),
            StmtKind::Class(class) => self.forget(statement.span, class.name.clone()),
            _ => self.forget_bound_in(statement),
        }
    }

    /// Binds what `target` names; a tuple of names takes a sequence of as many values apart.
    fn bind_target(
        &mut self,
        statement: Span,
        target: &Expr,
        expression: &Expr,
        value: Option<&Valued>,
    ) {
        match &target.kind {
            ExprKind::Name(name) => {
                let value = match value {
                    Some(value) => Known::Literal(value.clone()),
                    None => Known::Dynamic(Place::new(self.file, expression.span)),
                };
                let binding = Binding { statement, expression: Some(expression.span), value };
                self.bindings.insert(name.clone(), binding);
            }
            ExprKind::Tuple(targets) | ExprKind::List(targets) => {
                let written = match &expression.kind {
                    ExprKind::Tuple(items) | ExprKind::List(items) => Some(items),
                    _ => None,
                };
                let starred = |item: &Expr| matches!(item.kind, ExprKind::Starred(_));
                match written {
                    Some(items)
                        if items.len() == targets.len()
                            && !items.iter().chain(targets).any(starred) =>
                    {
                        let values: Vec<Option<Valued>> =
                            items.iter().map(|item| self.value_of(item)).collect();
                        for ((target, item), value) in targets.iter().zip(items).zip(values) {
                            self.bind_target(statement, target, item, value.as_ref());
                        }
                    }
                    _ => self.forget_target(statement, target),
                }
            }
            _ => self.forget_target(statement, target),
        }
    }

    fn forget(&mut self, statement: Span, name: Name) {
        let value = Known::Dynamic(Place::new(self.file, statement));
        self.bindings.insert(name, Binding { statement, expression: None, value });
    }

    fn forget_target(&mut self, statement: Span, target: &Expr) {
        match &target.kind {
            ExprKind::Name(name) => self.forget(statement, name.clone()),
            // `CONSTANT["key"] = …` changes the value that the name has.
            ExprKind::Subscript(subscript) => self.forget_target(statement, &subscript.value),
            ExprKind::Attribute(attribute) => self.forget_target(statement, &attribute.value),
            ExprKind::Starred(inner) => self.forget_target(statement, inner),
            ExprKind::Tuple(targets) | ExprKind::List(targets) => {
                for target in targets {
                    self.forget_target(statement, target);
                }
            }
            _ => {}
        }
    }

    /// Every name bound anywhere within a compound statement may or may not be bound afterwards.
    fn forget_bound_in(&mut self, statement: &Stmt) {
        Forgetter { constants: self, outer: statement.span }.visit_stmt(statement);
    }

    /// A function that declares a name `global` may rebind it at any time.
    fn forget_globals(&mut self, statement: &Stmt) {
        struct Globals<'a>(&'a mut Constants);
        impl<'t> Visitor<'t> for Globals<'_> {
            fn visit_stmt(&mut self, statement: &'t Stmt) {
                if let StmtKind::Global(names) = &statement.kind {
                    for name in names {
                        self.0.forget(statement.span, name.clone());
                    }
                }
                walk_stmt(self, statement);
            }
        }
        if matches!(statement.kind, StmtKind::Function(_) | StmtKind::Class(_)) {
            Globals(self).visit_stmt(statement);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::values::as_text;
    use super::*;

    /// The value that `name` has at the end of a module, as Python would write it; `?` where only
    /// a run would tell, `-` where the module does not bind it.
    fn value(text: &str, name: &str) -> String {
        let parsed = crate::parse(text);
        assert!(parsed.errors.is_empty(), "{text}");
        match Constants::of(&parsed.module, FileId::new(0)).get(name) {
            None => "-".to_owned(),
            Some(binding) => match &binding.value {
                Known::Dynamic(_) => "?".to_owned(),
                Known::Literal(valued) => written(&valued.value),
            },
        }
    }

    fn written(value: &Value) -> String {
        let all = |entries: &[Valued]| {
            entries.iter().map(|entry| written(&entry.value)).collect::<Vec<_>>().join(", ")
        };
        match value {
            Value::Str(text) => format!("'{text}'"),
            Value::Tuple(entries) => format!("({})", all(entries)),
            Value::List(entries) => format!("[{}]", all(entries)),
            Value::Set(entries) => format!("{{{}}}", all(entries)),
            other => as_text(other).unwrap_or_default(),
        }
    }

    #[test]
    fn every_literal_spelling_is_read() {
        for (text, expected) in [
            ("a = 'x'", "'x'"),
            ("a: str = 'x'", "'x'"),
            ("a = 'x' 'y'", "'xy'"),
            ("a = ('x')", "'x'"),
            ("a = 'x',", "('x')"),
            ("a = ['x', 'y']", "['x', 'y']"),
            ("a = {'x'}", "{'x'}"),
            ("b = a = 'x'", "'x'"),
            ("b, a = 'x', 'y'", "'y'"),
            ("B = 'x'; a = B", "'x'"),
            ("B = 'x'; a = f'{B}_y'", "'x_y'"),
            ("a = 'x' + 'y'", "'xy'"),
            ("a = '%s-%d' % ('x', 3)", "'x-3'"),
            ("a = tuple(['x'])", "('x')"),
            ("a = ('x', *('y',))", "('x', 'y')"),
            ("a = None", "None"),
            ("a = -1", "-1"),
            ("with open('f') as f:\n    a = 'x'", "'x'"),
        ] {
            assert_eq!(value(text, "a"), expected, "{text}");
        }
    }

    #[test]
    fn the_last_binding_holds() {
        assert_eq!(value("a = 'x'\na = 'y'", "a"), "'y'");
        assert_eq!(value("b = 'x'\na = b\nb = 'y'", "a"), "'x'", "as it was when it was read");
        assert_eq!(value("a: str", "a"), "-", "an annotation alone binds nothing");
    }

    #[test]
    fn what_a_run_would_settle_is_dynamic() {
        for text in [
            "a = f()",
            "a = 'x'\nif b: a = 'y'",
            "a = 'x'\nfor a in b: pass",
            "a = 'x'\na += 'y'",
            "a = 'x'\ndel a",
            "a = 'x'\nfrom b import a",
            "a = ['x']\na.append('y')",
            "a = ['x']\na[0] = 'y'",
            "a = 'x'\ndef f():\n    global a\n    a = 'y'",
            "a = 'x'\ntry:\n    a = 'y'\nexcept E: pass",
            "a = 'x'\n(a := 'y')",
            "a = f'{b}'",
            "b = 'x'\na = f'{b!r}'",
            "a, b = c",
            "tuple = f\na = tuple(['x'])",
            "a = 'x'\nclass a: pass",
        ] {
            assert_eq!(value(text, "a"), "?", "{text}");
        }
    }

    #[test]
    fn a_value_that_doubles_with_every_line_is_given_up() {
        let doubled = "a = a + a\n".repeat(64);
        assert_eq!(value(&format!("a = 'x'\n{doubled}"), "a"), "?");
        let nested = "a = (a, a)\n".repeat(64);
        assert_eq!(value(&format!("a = 'x'\n{nested}"), "a"), "?");
    }
}

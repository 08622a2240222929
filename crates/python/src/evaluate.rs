//! What the top level of a module settles about its names, without running it.

use std::collections::BTreeMap;

use diagnostics::{FileId, Place, Span};

use crate::{
    Binary, Expr, ExprKind, FStringPart, Known, Module, Name, Operator, Stmt, StmtKind, Unary,
    UnaryOperator, Visitor, walk_expr, walk_stmt,
};

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

    fn value_of(&self, expression: &Expr) -> Option<Valued> {
        let span = expression.span;
        let plain = |value| Some(Valued { span, is_plain: true, value, parts: 1 });
        match &expression.kind {
            ExprKind::None => plain(Value::None),
            ExprKind::Bool(value) => plain(Value::Bool(*value)),
            ExprKind::Int(value) => plain(Value::Int(*value)),
            ExprKind::Float(value) => plain(Value::Float(*value)),
            ExprKind::Bytes(bytes) => plain(Value::Bytes(bytes.clone())),
            ExprKind::Str(text) => plain(Value::Str(text.clone())),
            ExprKind::Name(name) => {
                let value = self.bindings.get(name)?.value.literal()?.clone();
                Some(Valued { span, is_plain: false, ..value })
            }
            ExprKind::Tuple(items) => self.sequence(span, items, Value::Tuple),
            ExprKind::List(items) => self.sequence(span, items, Value::List),
            ExprKind::Set(items) => self.sequence(span, items, Value::Set),
            ExprKind::Dict(items) => self.dict(span, items),
            ExprKind::FString(parts) => self.f_string(span, parts),
            ExprKind::Binary(binary) => self.binary(span, binary),
            ExprKind::Unary(unary) => self.unary(span, unary),
            ExprKind::Call(_) => self.call(expression),
            _ => None,
        }
    }

    fn sequence(
        &self,
        span: Span,
        items: &[Expr],
        make: fn(Vec<Valued>) -> Value,
    ) -> Option<Valued> {
        let mut entries = Vec::with_capacity(items.len());
        let mut parts = 1;
        for item in items {
            if let ExprKind::Starred(inner) = &item.kind {
                let inner = self.value_of(inner)?;
                parts += inner.parts;
                entries.extend(inner.value.entries()?.iter().cloned().map(Valued::used));
            } else {
                let value = self.value_of(item)?;
                parts += value.parts;
                entries.push(value);
            }
            if parts > MOST_PARTS {
                return None;
            }
        }
        Some(Valued { span, is_plain: true, value: make(entries), parts })
    }

    fn dict(&self, span: Span, items: &[crate::DictItem]) -> Option<Valued> {
        let mut pairs = Vec::with_capacity(items.len());
        let mut parts = 1;
        for item in items {
            let key = self.value_of(item.key.as_ref()?)?;
            let value = self.value_of(&item.value)?;
            parts += key.parts + value.parts;
            if parts > MOST_PARTS {
                return None;
            }
            pairs.push((key, value));
        }
        Some(Valued { span, is_plain: true, value: Value::Dict(pairs), parts })
    }

    fn f_string(&self, span: Span, parts: &[FStringPart]) -> Option<Valued> {
        let mut text = String::new();
        for part in parts {
            match part {
                FStringPart::Text(piece) => text.push_str(piece),
                FStringPart::Field(field) => {
                    if field.conversion.is_some() || !field.spec.is_empty() {
                        return None;
                    }
                    text.push_str(&as_text(&self.value_of(&field.value)?.value)?);
                }
            }
            if text.len() > MOST_PARTS {
                return None;
            }
        }
        Some(Valued { span, is_plain: false, value: Value::Str(text.into()), parts: 1 })
    }

    fn binary(&self, span: Span, binary: &Binary) -> Option<Valued> {
        let left = self.value_of(&binary.left)?;
        if binary.operator == Operator::Modulo {
            let right = self.value_of(&binary.right)?;
            let text = percent_format(left.value.as_str()?, &right.value)?;
            return Some(Valued { span, is_plain: false, value: Value::Str(text), parts: 1 });
        }
        if binary.operator != Operator::Add {
            return None;
        }
        let right = self.value_of(&binary.right)?;
        let parts = left.parts + right.parts;
        if parts > MOST_PARTS {
            return None;
        }
        let join = |mut left: Vec<Valued>, right: Vec<Valued>| {
            left.extend(right);
            left
        };
        let value = match (left.value, right.value) {
            (Value::Str(left), Value::Str(right)) if left.len() + right.len() <= MOST_PARTS => {
                Value::Str(format!("{left}{right}").into())
            }
            (Value::Int(left), Value::Int(right)) => Value::Int(left.checked_add(right)?),
            (Value::Tuple(left), Value::Tuple(right)) => Value::Tuple(join(left, right)),
            (Value::List(left), Value::List(right)) => Value::List(join(left, right)),
            _ => return None,
        };
        Some(Valued { span, is_plain: false, value, parts })
    }

    fn unary(&self, span: Span, unary: &Unary) -> Option<Valued> {
        let operand = self.value_of(&unary.operand)?;
        let value = match (unary.operator, operand.value) {
            (UnaryOperator::Minus, Value::Int(value)) => Value::Int(value.checked_neg()?),
            (UnaryOperator::Minus, Value::Float(value)) => Value::Float(-value),
            (UnaryOperator::Not, Value::Bool(value)) => Value::Bool(!value),
            _ => return None,
        };
        Some(Valued { span, is_plain: true, value, parts: 1 })
    }

    /// `tuple([…])`, `list((…))`, `set(…)`, `frozenset(…)` of what is known, where the module does
    /// not give these names another meaning.
    fn call(&self, expression: &Expr) -> Option<Valued> {
        let ExprKind::Call(call) = &expression.kind else { return None };
        let ExprKind::Name(name) = &call.callee.kind else { return None };
        if self.bindings.contains_key(name) || !call.keywords.is_empty() {
            return None;
        }
        let make: fn(Vec<Valued>) -> Value = match name.as_str() {
            "tuple" | "frozenset" => Value::Tuple,
            "list" => Value::List,
            "set" => Value::Set,
            _ => return None,
        };
        let (entries, parts) = match &*call.arguments {
            [] => (Vec::new(), 1),
            [argument] => {
                let argument = self.value_of(argument)?;
                (argument.value.entries()?.to_vec(), argument.parts)
            }
            _ => return None,
        };
        let value = make(entries.into_iter().map(Valued::used).collect());
        Some(Valued { span: expression.span, is_plain: false, value, parts })
    }
}

impl Valued {
    /// The value as it is where another expression uses it: not a token to replace.
    fn used(self) -> Self {
        Self { is_plain: false, ..self }
    }
}

/// Makes dynamic every name that a statement binds, at any depth of its blocks, though not within
/// functions and classes, whose names are their own.
struct Forgetter<'a> {
    constants: &'a mut Constants,
    outer: Span,
}

impl<'t> Visitor<'t> for Forgetter<'_> {
    fn visit_stmt(&mut self, statement: &'t Stmt) {
        let outer = self.outer;
        match &statement.kind {
            StmtKind::Assign(assign) => {
                for target in &assign.targets {
                    self.constants.forget_target(outer, target);
                }
            }
            StmtKind::AnnAssign(assign) if assign.value.is_some() => {
                self.constants.forget_target(outer, &assign.target);
            }
            StmtKind::AugAssign(assign) => self.constants.forget_target(outer, &assign.target),
            StmtKind::For(looped) => self.constants.forget_target(outer, &looped.target),
            StmtKind::Delete(targets) => {
                for target in targets {
                    self.constants.forget_target(outer, target);
                }
            }
            StmtKind::With(with) => {
                for target in with.items.iter().filter_map(|item| item.target.as_ref()) {
                    self.constants.forget_target(outer, target);
                }
            }
            StmtKind::Import(aliases) => {
                for alias in aliases {
                    let bound = alias.asname.clone().unwrap_or_else(|| {
                        Name::from(alias.name.split('.').next().unwrap_or_default())
                    });
                    self.constants.forget(outer, bound);
                }
            }
            StmtKind::ImportFrom(import) => {
                for alias in &import.names {
                    if alias.name == "*" {
                        self.constants.star_import = Some(outer);
                    } else {
                        let bound = alias.asname.clone().unwrap_or_else(|| alias.name.clone());
                        self.constants.forget(outer, bound);
                    }
                }
            }
            StmtKind::Try(tried) => {
                for name in tried.handlers.iter().filter_map(|handler| handler.name.clone()) {
                    self.constants.forget(outer, name);
                }
            }
            StmtKind::Match(matched) => {
                for name in matched.cases.iter().flat_map(|case| case.captures.iter()) {
                    self.constants.forget(outer, name.clone());
                }
            }
            StmtKind::TypeAlias(alias) => self.constants.forget_target(outer, &alias.name),
            StmtKind::Function(function) => {
                self.constants.forget(outer, function.name.clone());
                return;
            }
            StmtKind::Class(class) => {
                self.constants.forget(outer, class.name.clone());
                return;
            }
            _ => {}
        }
        walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'t Expr) {
        match &expression.kind {
            ExprKind::Walrus(walrus) => self.constants.forget_target(self.outer, &walrus.target),
            // A method may change the value: `NAMES.append(…)`.
            ExprKind::Call(call) => {
                if let ExprKind::Attribute(attribute) = &call.callee.kind
                    && MUTATING_METHODS.contains(&attribute.name.as_str())
                {
                    self.constants.forget_target(self.outer, &attribute.value);
                }
            }
            _ => {}
        }
        walk_expr(self, expression);
    }
}

/// Methods by which lists, sets and dicts change.
const MUTATING_METHODS: [&str; 13] = [
    "add",
    "append",
    "clear",
    "discard",
    "extend",
    "insert",
    "pop",
    "popitem",
    "remove",
    "reverse",
    "setdefault",
    "sort",
    "update",
];

/// A value as `str()` gives it, where that is the same in every version of Python.
fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::Str(text) => Some(text.to_string()),
        Value::Int(number) => Some(number.to_string()),
        Value::Bool(true) => Some("True".to_owned()),
        Value::Bool(false) => Some("False".to_owned()),
        Value::None => Some("None".to_owned()),
        _ => None,
    }
}

/// `format % value` where the format holds only `%s`, `%d` and `%%`.
fn percent_format(format: &str, value: &Value) -> Option<Box<str>> {
    let single = std::slice::from_ref(value);
    let values: Vec<&Value> = match value {
        Value::Tuple(entries) => entries.iter().map(|entry| &entry.value).collect(),
        Value::Dict(_) => return None,
        _ => single.iter().collect(),
    };
    let mut values = values.into_iter();
    let mut text = String::with_capacity(format.len());
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        text.push_str(&rest[..at]);
        match rest[at + 1..].chars().next()? {
            '%' => text.push('%'),
            's' => text.push_str(&as_text(values.next()?)?),
            'd' => match values.next()? {
                Value::Int(number) => text.push_str(&number.to_string()),
                _ => return None,
            },
            _ => return None,
        }
        rest = &rest[at + 2..];
        if text.len() > MOST_PARTS {
            return None;
        }
    }
    text.push_str(rest);
    (values.next().is_none() && text.len() <= MOST_PARTS).then(|| text.into())
}

#[cfg(test)]
mod tests {
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

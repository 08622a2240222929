//! The four identifiers that Alembic reads from a file: `revision`, `down_revision`,
//! `depends_on`, `branch_labels`.

use std::collections::HashSet;

use diagnostics::{FileId, Place, Span};
use python::{Constants, Expr, ExprKind, Known, Module, StmtKind, Value, Valued};

/// The value of an identifier and the statement that declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared<T> {
    /// The assignment.
    pub statement: Span,
    /// The expression assigned.
    pub expression: Span,
    /// What it says.
    pub value: T,
}

/// One id or label as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where it is used; the literal itself where `is_plain`.
    pub span: Span,
    /// Whether the literal stands at the span, so that an edit can replace it.
    pub is_plain: bool,
    /// The text; empty where `is_text` is false.
    pub text: Box<str>,
    /// Whether the value is a string. `None` in a tuple, `0` or `False` are not, and Alembic takes
    /// them as ids all the same.
    pub is_text: bool,
}

/// How the entries of an identifier are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// `None`
    None,
    /// `"a"`
    Scalar,
    /// `("a", "b")`
    Tuple,
    /// `["a", "b"]`
    List,
    /// `{"a", "b"}`
    Set,
}

/// What `revision` is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Id {
    /// A string.
    Declared(Declared<Entry>),
    /// Not declared, but the file name is hexadecimal digits, which Alembic then takes.
    FileName(Box<str>),
    /// Only a run would tell.
    Dynamic(Place),
    /// Declared, but not a string; Alembic fails on it.
    NotText(Span),
    /// Not declared.
    Missing,
}

/// What `down_revision`, `depends_on` or `branch_labels` is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Links {
    /// Entries; none where it says `None` or an empty sequence.
    Declared(Declared<Entries>),
    /// Computed by a call that is known to generate links at run time, such as
    /// `get_down_revision(revision)` of alembic-git-revisions.
    Generated(Place),
    /// Only a run would tell.
    Dynamic(Place),
    /// Not declared.
    Missing,
}

/// The entries of a declared identifier, in the order they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entries {
    /// How they are written.
    pub spelling: Spelling,
    /// Each of them.
    pub entries: Vec<Entry>,
}

impl std::ops::Deref for Entries {
    type Target = [Entry];

    fn deref(&self) -> &[Entry] {
        &self.entries
    }
}

impl Links {
    /// The entries; none where dynamic or missing.
    pub fn entries(&self) -> &[Entry] {
        match self {
            Self::Declared(declared) => &declared.value,
            _ => &[],
        }
    }

    /// The statement that declares the entries; `None` where they are dynamic or missing.
    pub const fn statement(&self) -> Option<Span> {
        match self {
            Self::Declared(declared) => Some(declared.statement),
            _ => None,
        }
    }

    /// The texts of the entries that are strings.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.entries().iter().filter(|entry| entry.is_text).map(|entry| &*entry.text)
    }

    /// Whether only a run would settle the entries.
    pub const fn is_dynamic(&self) -> bool {
        matches!(self, Self::Dynamic(_) | Self::Generated(_))
    }
}

/// Functions by which projects compute a down revision from git or the file system.
const GENERATORS: [&str; 1] = ["get_down_revision"];

pub(crate) struct Reader<'a> {
    module: &'a Module,
    constants: &'a Constants,
    file: FileId,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(module: &'a Module, constants: &'a Constants, file: FileId) -> Self {
        Self { module, constants, file }
    }

    pub(crate) fn id(&self, file_name: &str) -> Id {
        let Some(binding) = self.constants.get("revision") else {
            if let Some(span) = self.may_be_bound_otherwise() {
                return Id::Dynamic(Place::new(self.file, span));
            }
            return legacy_id(file_name).map_or(Id::Missing, |stem| Id::FileName(stem.into()));
        };
        let value = match &binding.value {
            Known::Dynamic(place) => return Id::Dynamic(*place),
            Known::Literal(value) => value,
        };
        if value.value.as_str().is_none() {
            return Id::NotText(value.span);
        }
        let expression = binding.expression.unwrap_or(binding.statement);
        Id::Declared(Declared { statement: binding.statement, expression, value: entry(value) })
    }

    pub(crate) fn links(&self, name: &str) -> Links {
        let Some(binding) = self.constants.get(name) else {
            return match self.may_be_bound_otherwise() {
                Some(span) => Links::Dynamic(Place::new(self.file, span)),
                None => Links::Missing,
            };
        };
        let value = match &binding.value {
            Known::Dynamic(place) if self.is_generated(*place) => return Links::Generated(*place),
            Known::Dynamic(place) => return Links::Dynamic(*place),
            Known::Literal(value) => value,
        };
        let (spelling, entries) = match &value.value {
            Value::None => (Spelling::None, Vec::new()),
            Value::Tuple(items) => (Spelling::Tuple, items.iter().map(entry).collect()),
            Value::List(items) => (Spelling::List, items.iter().map(entry).collect()),
            Value::Set(items) => (Spelling::Set, distinct(items.iter().map(entry))),
            Value::Dict(items) => {
                (Spelling::Set, items.iter().map(|(key, _)| entry(key)).collect())
            }
            _ => (Spelling::Scalar, vec![entry(value)]),
        };
        let entries = if is_base(&entries, value) { Vec::new() } else { entries };
        let expression = binding.expression.unwrap_or(binding.statement);
        let value = Entries { spelling, entries };
        Links::Declared(Declared { statement: binding.statement, expression, value })
    }

    /// A star import, or code that writes to `globals()`, may bind any name.
    fn may_be_bound_otherwise(&self) -> Option<Span> {
        let writes = self.module.body.iter().find_map(|statement| {
            let expression = match &statement.kind {
                StmtKind::Expr(expression) => expression,
                StmtKind::Assign(assign) => assign.targets.first()?,
                _ => return None,
            };
            rests_on_globals(expression).then_some(statement.span)
        });
        writes.or_else(|| self.constants.star_import())
    }

    fn is_generated(&self, place: Place) -> bool {
        self.module.body.iter().any(|statement| {
            let value = match &statement.kind {
                StmtKind::Assign(assign) => &assign.value,
                StmtKind::AnnAssign(assign) => match &assign.value {
                    Some(value) => value,
                    None => return false,
                },
                _ => return false,
            };
            value.span == place.span && calls_generator(value)
        })
    }
}

/// Alembic 0.1 took the id from the file name; a name of hexadecimal digits still counts.
fn legacy_id(file_name: &str) -> Option<&str> {
    let stem = file_name.strip_suffix(".py")?;
    let is_hexadecimal =
        !stem.is_empty() && stem.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_hexadecimal.then_some(stem)
}

/// One `None` in a sequence is a base, as Alembic stores a sequence of one as its only entry.
fn is_base(entries: &[Entry], value: &Valued) -> bool {
    let one_none = |items: &[Valued]| matches!(items, [Valued { value: Value::None, .. }]);
    entries.is_empty() || value.value.entries().is_some_and(one_none)
}

/// A set has each of its members once.
fn distinct(entries: impl Iterator<Item = Entry>) -> Vec<Entry> {
    let mut seen = HashSet::new();
    entries.filter(|entry| !entry.is_text || seen.insert(entry.text.clone())).collect()
}

fn entry(value: &Valued) -> Entry {
    let text = value.value.as_str();
    Entry {
        span: value.span,
        is_plain: value.is_plain,
        text: text.unwrap_or_default().into(),
        is_text: text.is_some(),
    }
}

fn rests_on_globals(expression: &Expr) -> bool {
    match &expression.kind {
        ExprKind::Call(call) => match &call.callee.kind {
            ExprKind::Name(name) => {
                matches!(name.as_str(), "globals" | "exec" | "vars" | "setattr")
            }
            _ => rests_on_globals(&call.callee),
        },
        ExprKind::Attribute(attribute) => rests_on_globals(&attribute.value),
        ExprKind::Subscript(subscript) => rests_on_globals(&subscript.value),
        _ => false,
    }
}

fn calls_generator(expression: &Expr) -> bool {
    let ExprKind::Call(call) = &expression.kind else { return false };
    let name = match &call.callee.kind {
        ExprKind::Name(name) => name,
        ExprKind::Attribute(attribute) => &attribute.name,
        _ => return false,
    };
    GENERATORS.contains(&name.as_str())
}

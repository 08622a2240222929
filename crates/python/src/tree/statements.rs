//! Statements.

use diagnostics::Span;

use super::{Expr, Keyword, Name, Operator, Parameters};

/// A statement and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Stmt {
    /// From its first to its last character, compound statements with their bodies.
    pub span: Span,
    /// Which statement.
    pub kind: StmtKind,
}

/// The statements of Python.
#[derive(Clone, Debug, PartialEq)]
pub enum StmtKind {
    /// `def` and `async def`.
    Function(Box<Function>),
    /// `class`.
    Class(Box<Class>),
    /// `return` and its value.
    Return(Option<Box<Expr>>),
    /// `del a, b`.
    Delete(Box<[Expr]>),
    /// `a = b = value`.
    Assign(Box<Assign>),
    /// `a += value`.
    AugAssign(Box<AugAssign>),
    /// `a: annotation = value`.
    AnnAssign(Box<AnnAssign>),
    /// `type Name = value`.
    TypeAlias(Box<TypeAlias>),
    /// `for` and `async for`.
    For(Box<For>),
    /// `while`.
    While(Box<While>),
    /// `if`; an `elif` is an `If` in `orelse`.
    If(Box<If>),
    /// `with` and `async with`.
    With(Box<With>),
    /// `match`.
    Match(Box<Match>),
    /// `raise exception from cause`.
    Raise(Box<Raise>),
    /// `try`, also with `except*`.
    Try(Box<Try>),
    /// `assert test, message`.
    Assert(Box<Assert>),
    /// `import a.b as c`.
    Import(Box<[Alias]>),
    /// `from a import b`.
    ImportFrom(Box<ImportFrom>),
    /// `global a, b`.
    Global(Box<[Name]>),
    /// `nonlocal a, b`.
    Nonlocal(Box<[Name]>),
    /// An expression by itself; a docstring is one.
    Expr(Box<Expr>),
    /// `pass`.
    Pass,
    /// `break`.
    Break,
    /// `continue`.
    Continue,
}

/// `def name(parameters): body`.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// Its name.
    pub name: Name,
    /// Where the name stands.
    pub name_span: Span,
    /// Decorators, outermost first.
    pub decorators: Box<[Expr]>,
    /// Type parameters (PEP 695).
    pub type_parameters: Box<[TypeParameter]>,
    /// Parameters.
    pub parameters: Parameters,
    /// The annotation after `->`.
    pub returns: Option<Box<Expr>>,
    /// Statements.
    pub body: Box<[Stmt]>,
    /// `async def`.
    pub is_async: bool,
}

/// `class name(bases, keyword=…): body`.
#[derive(Clone, Debug, PartialEq)]
pub struct Class {
    /// Its name.
    pub name: Name,
    /// Where the name stands.
    pub name_span: Span,
    /// Decorators, outermost first.
    pub decorators: Box<[Expr]>,
    /// Type parameters (PEP 695).
    pub type_parameters: Box<[TypeParameter]>,
    /// Base classes.
    pub bases: Box<[Expr]>,
    /// Keywords such as `metaclass=` or `table=True`.
    pub keywords: Box<[Keyword]>,
    /// Statements.
    pub body: Box<[Stmt]>,
}

/// `a = b = value`.
#[derive(Clone, Debug, PartialEq)]
pub struct Assign {
    /// What is assigned to, left to right.
    pub targets: Box<[Expr]>,
    /// The value.
    pub value: Expr,
}

/// `target op= value`.
#[derive(Clone, Debug, PartialEq)]
pub struct AugAssign {
    /// What is changed.
    pub target: Expr,
    /// The operator.
    pub operator: Operator,
    /// The operand.
    pub value: Expr,
}

/// `target: annotation = value`.
#[derive(Clone, Debug, PartialEq)]
pub struct AnnAssign {
    /// What is declared.
    pub target: Expr,
    /// Its annotation.
    pub annotation: Expr,
    /// The value, if any: without one nothing is assigned.
    pub value: Option<Expr>,
}

/// `type name = value`.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeAlias {
    /// The name, an expression as in `ast`.
    pub name: Expr,
    /// Type parameters (PEP 695).
    pub type_parameters: Box<[TypeParameter]>,
    /// The value.
    pub value: Expr,
}

/// `T: bound = default`, `*Ts` or `**P` in brackets after a name (PEP 695, PEP 696).
#[derive(Clone, Debug, PartialEq)]
pub struct TypeParameter {
    /// Its name, without stars.
    pub name: Name,
    /// What it is bound by.
    pub bound: Option<Box<Expr>>,
    /// Its default.
    pub default: Option<Box<Expr>>,
}

/// `for target in iterable: body else: orelse`.
#[derive(Clone, Debug, PartialEq)]
pub struct For {
    /// The loop variable.
    pub target: Expr,
    /// What is iterated.
    pub iterable: Expr,
    /// Statements.
    pub body: Box<[Stmt]>,
    /// The `else` branch.
    pub orelse: Box<[Stmt]>,
    /// `async for`.
    pub is_async: bool,
}

/// `while test: body else: orelse`.
#[derive(Clone, Debug, PartialEq)]
pub struct While {
    /// The condition.
    pub test: Expr,
    /// Statements.
    pub body: Box<[Stmt]>,
    /// The `else` branch.
    pub orelse: Box<[Stmt]>,
}

/// `if test: body else: orelse`.
#[derive(Clone, Debug, PartialEq)]
pub struct If {
    /// The condition.
    pub test: Expr,
    /// Statements.
    pub body: Box<[Stmt]>,
    /// The `else` branch; for an `elif`, one `If`.
    pub orelse: Box<[Stmt]>,
}

/// `with items: body`.
#[derive(Clone, Debug, PartialEq)]
pub struct With {
    /// The context managers.
    pub items: Box<[WithItem]>,
    /// Statements.
    pub body: Box<[Stmt]>,
    /// `async with`.
    pub is_async: bool,
}

/// `context as target`.
#[derive(Clone, Debug, PartialEq)]
pub struct WithItem {
    /// The context manager.
    pub context: Expr,
    /// What its value is bound to.
    pub target: Option<Expr>,
}

/// `match subject: cases`.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// What is matched.
    pub subject: Expr,
    /// The cases.
    pub cases: Box<[Case]>,
}

/// `case pattern if guard: body`.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Where the pattern stands.
    pub pattern: Span,
    /// Names that the pattern binds, in order of appearance.
    pub captures: Box<[Name]>,
    /// Whether the pattern matches everything (`_` or a bare name).
    pub is_irrefutable: bool,
    /// Expressions within the pattern: values and class names.
    pub values: Box<[Expr]>,
    /// The condition.
    pub guard: Option<Expr>,
    /// Statements.
    pub body: Box<[Stmt]>,
}

/// `raise exception from cause`.
#[derive(Clone, Debug, PartialEq)]
pub struct Raise {
    /// What is raised; a bare `raise` has none.
    pub exception: Option<Expr>,
    /// Its cause.
    pub cause: Option<Expr>,
}

/// `try: body except …: else: finally:`.
#[derive(Clone, Debug, PartialEq)]
pub struct Try {
    /// Statements.
    pub body: Box<[Stmt]>,
    /// The `except` clauses.
    pub handlers: Box<[Handler]>,
    /// The `else` branch.
    pub orelse: Box<[Stmt]>,
    /// The `finally` branch.
    pub finally: Box<[Stmt]>,
    /// `except*`.
    pub is_star: bool,
}

/// `except class as name: body`.
#[derive(Clone, Debug, PartialEq)]
pub struct Handler {
    /// From `except` to the end of the body.
    pub span: Span,
    /// The exception class, or a tuple of them.
    pub class: Option<Expr>,
    /// The name it is bound to.
    pub name: Option<Name>,
    /// Statements.
    pub body: Box<[Stmt]>,
}

/// `assert test, message`.
#[derive(Clone, Debug, PartialEq)]
pub struct Assert {
    /// The condition.
    pub test: Expr,
    /// What is said where it fails.
    pub message: Option<Expr>,
}

/// `name as asname` in an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// Where it stands.
    pub span: Span,
    /// Dotted for a module; `*` for a star import.
    pub name: Name,
    /// The name after `as`.
    pub asname: Option<Name>,
}

/// `from ..module import names`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportFrom {
    /// The module, without leading dots.
    pub module: Option<Name>,
    /// How many dots lead.
    pub level: u32,
    /// What is imported.
    pub names: Box<[Alias]>,
}

//! The syntax tree: what Python's own `ast` module has, less what nothing here asks for.
//!
//! Spans are byte ranges of the decoded text, as in Python's `ast`: a parenthesised expression
//! does not include its parentheses (a tuple does), a decorated definition starts at `def` or
//! `class`, an `elif` is an `If` in the `orelse` of the one before. Two things differ: a generator
//! that is the only argument of a call does not include the call's parentheses, and a body ends
//! before a semicolon after its last statement. Expressions within f-strings have true spans, too.
//!
//! In what was recovered from a text with errors, a name that is missing is an empty
//! [`ExprKind::Name`].

use compact_str::CompactString;
use diagnostics::Span;

/// An identifier; short ones need no allocation.
pub type Name = CompactString;

/// A parsed file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Module {
    /// The statements, in order.
    pub body: Box<[Stmt]>,
}

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

/// An expression and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// From its first to its last character, without enclosing parentheses.
    pub span: Span,
    /// Which expression.
    pub kind: ExprKind,
}

/// The expressions of Python.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `None`.
    None,
    /// `...`.
    Ellipsis,
    /// `True`, `False`.
    Bool(bool),
    /// An integer that fits.
    Int(i64),
    /// An integer that does not; its text stands at the span.
    BigInt,
    /// A float.
    Float(f64),
    /// The imaginary part of `1j`.
    Imaginary(f64),
    /// A string, implicit concatenation joined. A lone surrogate is U+FFFD.
    Str(Box<str>),
    /// Bytes.
    Bytes(Box<[u8]>),
    /// An f-string, implicit concatenation joined.
    FString(Box<[FStringPart]>),
    /// A t-string (PEP 750), implicit concatenation joined.
    TString(Box<[FStringPart]>),
    /// A name.
    Name(Name),
    /// `value.name`.
    Attribute(Box<Attribute>),
    /// `value[index]`.
    Subscript(Box<Subscript>),
    /// `callee(arguments)`.
    Call(Box<Call>),
    /// `*value`.
    Starred(Box<Expr>),
    /// `(a, b)`; the span includes the parentheses, if there are any.
    Tuple(Box<[Expr]>),
    /// `[a, b]`.
    List(Box<[Expr]>),
    /// `{a, b}`.
    Set(Box<[Expr]>),
    /// `{a: b, **c}`.
    Dict(Box<[DictItem]>),
    /// `a + b`.
    Binary(Box<Binary>),
    /// `not a`, `-a`.
    Unary(Box<Unary>),
    /// `a and b and c`.
    Logical(Box<Logical>),
    /// `a < b <= c`.
    Compare(Box<Compare>),
    /// `body if test else orelse`.
    Conditional(Box<Conditional>),
    /// `lambda parameters: body`.
    Lambda(Box<Lambda>),
    /// `[a for …]`, `{a for …}`, `{a: b for …}`, `(a for …)`.
    Comprehension(Box<Comprehension>),
    /// `name := value`.
    Walrus(Box<Walrus>),
    /// `await value`.
    Await(Box<Expr>),
    /// `yield value`.
    Yield(Option<Box<Expr>>),
    /// `yield from value`.
    YieldFrom(Box<Expr>),
    /// `lower:upper:step` within a subscript.
    Slice(Box<Slice>),
}

/// A part of an f-string or t-string.
#[derive(Clone, Debug, PartialEq)]
pub enum FStringPart {
    /// Text between replacement fields, adjacent pieces joined.
    Text(Box<str>),
    /// `{value!r:spec}`.
    Field(Box<FStringField>),
}

/// `{value!conversion:spec}`.
#[derive(Clone, Debug, PartialEq)]
pub struct FStringField {
    /// The expression.
    pub value: Expr,
    /// `r`, `s` or `a` after `!`; with `=` and nothing else, `r`.
    pub conversion: Option<char>,
    /// The parts after `:`.
    pub spec: Box<[FStringPart]>,
}

/// `value.name`.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// What has the attribute.
    pub value: Expr,
    /// Its name; it ends where the expression ends.
    pub name: Name,
}

/// `value[index]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Subscript {
    /// What is indexed.
    pub value: Expr,
    /// The index, a slice, or a tuple of them.
    pub index: Expr,
}

/// `callee(arguments, keyword=value)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// What is called.
    pub callee: Expr,
    /// Positional arguments, `*args` as [`ExprKind::Starred`].
    pub arguments: Box<[Expr]>,
    /// Keyword arguments.
    pub keywords: Box<[Keyword]>,
}

/// `name=value`, or `**value`.
#[derive(Clone, Debug, PartialEq)]
pub struct Keyword {
    /// From the name to the end of the value.
    pub span: Span,
    /// The name; `**value` has none.
    pub name: Option<Name>,
    /// The value.
    pub value: Expr,
}

/// `key: value`, or `**value`.
#[derive(Clone, Debug, PartialEq)]
pub struct DictItem {
    /// The key; `**value` has none.
    pub key: Option<Expr>,
    /// The value.
    pub value: Expr,
}

/// `left operator right`.
#[derive(Clone, Debug, PartialEq)]
pub struct Binary {
    /// Left operand.
    pub left: Expr,
    /// Operator.
    pub operator: Operator,
    /// Right operand.
    pub right: Expr,
}

/// Arithmetic and bitwise operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `@`
    MatrixMultiply,
    /// `/`
    Divide,
    /// `%`
    Modulo,
    /// `**`
    Power,
    /// `<<`
    ShiftLeft,
    /// `>>`
    ShiftRight,
    /// `|`
    BitOr,
    /// `^`
    BitXor,
    /// `&`
    BitAnd,
    /// `//`
    FloorDivide,
}

/// `operator operand`.
#[derive(Clone, Debug, PartialEq)]
pub struct Unary {
    /// Operator.
    pub operator: UnaryOperator,
    /// Operand.
    pub operand: Expr,
}

/// Unary operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOperator {
    /// `~`
    Invert,
    /// `not`
    Not,
    /// `+`
    Plus,
    /// `-`
    Minus,
}

/// `a and b and c`, `a or b`.
#[derive(Clone, Debug, PartialEq)]
pub struct Logical {
    /// `and`, else `or`.
    pub is_and: bool,
    /// Two or more operands.
    pub operands: Box<[Expr]>,
}

/// `first op operand op operand`.
#[derive(Clone, Debug, PartialEq)]
pub struct Compare {
    /// The first operand.
    pub first: Expr,
    /// Operators, each with its right operand.
    pub rest: Box<[(Comparison, Expr)]>,
}

/// Comparison operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `is`
    Is,
    /// `is not`
    IsNot,
    /// `in`
    In,
    /// `not in`
    NotIn,
}

/// `body if test else orelse`.
#[derive(Clone, Debug, PartialEq)]
pub struct Conditional {
    /// The condition.
    pub test: Expr,
    /// The value where it holds.
    pub body: Expr,
    /// The value where it does not.
    pub orelse: Expr,
}

/// `lambda parameters: body`.
#[derive(Clone, Debug, PartialEq)]
pub struct Lambda {
    /// Parameters.
    pub parameters: Parameters,
    /// The value.
    pub body: Expr,
}

/// Which comprehension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComprehensionKind {
    /// `[a for …]`
    List,
    /// `{a for …}`
    Set,
    /// `{key: value for …}`
    Dict,
    /// `(a for …)`
    Generator,
}

/// A comprehension or generator expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Comprehension {
    /// Which.
    pub kind: ComprehensionKind,
    /// The element; for a dict, the key.
    pub element: Expr,
    /// The value of a dict comprehension.
    pub value: Option<Expr>,
    /// One or more `for` clauses.
    pub clauses: Box<[ForClause]>,
}

/// `for target in iterable if condition`.
#[derive(Clone, Debug, PartialEq)]
pub struct ForClause {
    /// The loop variable.
    pub target: Expr,
    /// What is iterated.
    pub iterable: Expr,
    /// The conditions.
    pub conditions: Box<[Expr]>,
    /// `async for`.
    pub is_async: bool,
}

/// `name := value`.
#[derive(Clone, Debug, PartialEq)]
pub struct Walrus {
    /// The name, an expression as in `ast`.
    pub target: Expr,
    /// The value.
    pub value: Expr,
}

/// `lower:upper:step`.
#[derive(Clone, Debug, PartialEq)]
pub struct Slice {
    /// Before the first colon.
    pub lower: Option<Expr>,
    /// After it.
    pub upper: Option<Expr>,
    /// After the second colon.
    pub step: Option<Expr>,
}

/// Parameters of a function or lambda.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parameters {
    /// Positional parameters, in order.
    pub positional: Box<[Parameter]>,
    /// How many of them can only be passed by position.
    pub positional_only: u32,
    /// `*args`.
    pub var_positional: Option<Box<Parameter>>,
    /// Parameters after `*`.
    pub keyword_only: Box<[Parameter]>,
    /// `**kwargs`.
    pub var_keyword: Option<Box<Parameter>>,
}

/// `name: annotation = default`.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: Name,
    /// Its annotation.
    pub annotation: Option<Box<Expr>>,
    /// Its default.
    pub default: Option<Box<Expr>>,
}

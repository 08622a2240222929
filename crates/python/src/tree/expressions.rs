//! Expressions, and the parameters of what can be called.

use diagnostics::Span;

use super::Name;

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

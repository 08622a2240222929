//! `ruff_python_parser`'s tree to ours.

use std::cell::Cell;

use compact_str::CompactString;
use diagnostics::Span;
use ruff_python_ast::{self as ast, PythonVersion};
use ruff_python_parser::{Mode, ParseOptions};
use ruff_text_size::{Ranged, TextRange};

use crate::build::{Parts, PatternParts, gap_length, normalize_newlines};
use crate::parse::SyntaxError;
use crate::scan::MAX_DEPTH;
use crate::tree::{
    Alias, AnnAssign, Assert, Assign, Attribute, AugAssign, Binary, Call, Case, Class, Compare,
    Comparison, Comprehension, ComprehensionKind, Conditional, DictItem, Expr, ExprKind,
    FStringField, For, ForClause, Function, Handler, If, ImportFrom, Keyword, Lambda, Logical,
    Match, Module, Name, Operator, Parameter, Parameters, Raise, Slice, Stmt, StmtKind, Subscript,
    Try, TypeAlias, TypeParameter, Unary, UnaryOperator, Walrus, While, With, WithItem,
};

/// How deep a tree may be; the scan's bound is not lower than what it finds in a whole text.
const MAX_TREE_DEPTH: u32 = 2 * MAX_DEPTH;

/// Reads `text` with `ruff_python_parser`: what it could make of it, and why it is not Python.
pub(crate) fn read(text: &str) -> (Module, Vec<SyntaxError>) {
    let options = ParseOptions::from(Mode::Module).with_target_version(PythonVersion::PY315);
    let parsed = ruff_python_parser::parse_unchecked(text, options);
    let errors: Vec<SyntaxError> = parsed
        .errors()
        .iter()
        .map(|error| {
            SyntaxError::grammar(span(error.location), lower_first(&error.error.to_string()))
        })
        .collect();
    let reader = Reader { text, depth: Cell::new(0), is_too_deep: Cell::new(false) };
    let body = match parsed.syntax() {
        ast::Mod::Module(module) => reader.body(&module.body),
        ast::Mod::Expression(_) => Box::default(),
    };
    if reader.is_too_deep.get() {
        // Where it recovers from errors, the parser may see a nesting that the scan does not. It
        // grows its stack while parsing, not while dropping: leaking is the only way out.
        std::mem::forget(parsed);
        return (Module::default(), vec![SyntaxError::too_deep(Span::point(0))]);
    }
    (Module { body }, errors)
}

fn lower_first(message: &str) -> String {
    let mut chars = message.chars();
    let first = chars.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(chars).collect()
}

struct Reader<'a> {
    text: &'a str,
    depth: Cell<u32>,
    is_too_deep: Cell<bool>,
}

impl Reader<'_> {
    /// What `read` gives, or nothing where it would nest too deeply.
    fn nested<T>(&self, read: impl FnOnce() -> T) -> Option<T> {
        let depth = self.depth.get() + 1;
        if depth > MAX_TREE_DEPTH {
            self.is_too_deep.set(true);
            return None;
        }
        self.depth.set(depth);
        let result = read();
        self.depth.set(depth - 1);
        Some(result)
    }

    fn body(&self, body: &[ast::Stmt]) -> Box<[Stmt]> {
        self.nested(|| body.iter().map(|stmt| self.stmt(stmt)).collect()).unwrap_or_default()
    }

    fn stmt(&self, stmt: &ast::Stmt) -> Stmt {
        let mut span = span(stmt.range());
        let kind = match stmt {
            ast::Stmt::FunctionDef(node) => {
                span.start = after_decorators(self.text, span.start, &node.decorator_list);
                StmtKind::Function(Box::new(Function {
                    name_span: self::span(node.name.range),
                    name: name(&node.name),
                    decorators: self.decorators(&node.decorator_list),
                    type_parameters: self.type_parameters(node.type_params.as_deref()),
                    parameters: self.parameters(&node.parameters),
                    returns: self.boxed(node.returns.as_deref()),
                    body: self.body(&node.body),
                    is_async: node.is_async,
                }))
            }
            ast::Stmt::ClassDef(node) => {
                span.start = after_decorators(self.text, span.start, &node.decorator_list);
                StmtKind::Class(Box::new(self.class(node)))
            }
            ast::Stmt::Import(node) => StmtKind::Import(aliases(&node.names)),
            ast::Stmt::ImportFrom(node) => StmtKind::ImportFrom(Box::new(ImportFrom {
                module: node.module.as_ref().map(name),
                level: node.level,
                names: aliases(&node.names),
            })),
            ast::Stmt::Global(node) => StmtKind::Global(node.names.iter().map(name).collect()),
            ast::Stmt::Nonlocal(node) => StmtKind::Nonlocal(node.names.iter().map(name).collect()),
            ast::Stmt::Pass(_) => StmtKind::Pass,
            ast::Stmt::Break(_) => StmtKind::Break,
            ast::Stmt::Continue(_) => StmtKind::Continue,
            ast::Stmt::Expr(node) => StmtKind::Expr(Box::new(self.expr(&node.value))),
            other => self.simple(other),
        };
        Stmt { span, kind }
    }

    fn class(&self, node: &ast::StmtClassDef) -> Class {
        let (bases, keywords) = match node.arguments.as_deref() {
            Some(arguments) => (self.exprs(&arguments.args), self.keywords(&arguments.keywords)),
            None => Default::default(),
        };
        Class {
            name_span: span(node.name.range),
            name: name(&node.name),
            decorators: self.decorators(&node.decorator_list),
            type_parameters: self.type_parameters(node.type_params.as_deref()),
            bases,
            keywords,
            body: self.body(&node.body),
        }
    }

    fn simple(&self, stmt: &ast::Stmt) -> StmtKind {
        match stmt {
            ast::Stmt::Return(node) => StmtKind::Return(self.boxed(node.value.as_deref())),
            ast::Stmt::Delete(node) => StmtKind::Delete(self.exprs(&node.targets)),
            ast::Stmt::Assign(node) => StmtKind::Assign(Box::new(Assign {
                targets: self.exprs(&node.targets),
                value: self.expr(&node.value),
            })),
            ast::Stmt::AugAssign(node) => StmtKind::AugAssign(Box::new(AugAssign {
                target: self.expr(&node.target),
                operator: operator(node.op),
                value: self.expr(&node.value),
            })),
            ast::Stmt::AnnAssign(node) => StmtKind::AnnAssign(Box::new(AnnAssign {
                target: self.expr(&node.target),
                annotation: self.expr(&node.annotation),
                value: self.optional(node.value.as_deref()),
            })),
            ast::Stmt::TypeAlias(node) => StmtKind::TypeAlias(Box::new(TypeAlias {
                name: self.expr(&node.name),
                type_parameters: self.type_parameters(node.type_params.as_deref()),
                value: self.expr(&node.value),
            })),
            ast::Stmt::Raise(node) => StmtKind::Raise(Box::new(Raise {
                exception: self.optional(node.exc.as_deref()),
                cause: self.optional(node.cause.as_deref()),
            })),
            ast::Stmt::Assert(node) => StmtKind::Assert(Box::new(Assert {
                test: self.expr(&node.test),
                message: self.optional(node.msg.as_deref()),
            })),
            other => self.compound(other),
        }
    }

    fn compound(&self, stmt: &ast::Stmt) -> StmtKind {
        match stmt {
            ast::Stmt::For(node) => StmtKind::For(Box::new(For {
                target: self.expr(&node.target),
                iterable: self.expr(&node.iter),
                body: self.body(&node.body),
                orelse: self.body(&node.orelse),
                is_async: node.is_async,
            })),
            ast::Stmt::While(node) => StmtKind::While(Box::new(While {
                test: self.expr(&node.test),
                body: self.body(&node.body),
                orelse: self.body(&node.orelse),
            })),
            ast::Stmt::If(node) => StmtKind::If(Box::new(If {
                test: self.expr(&node.test),
                body: self.body(&node.body),
                orelse: self.branches(&node.elif_else_clauses, node.range.end().to_u32()),
            })),
            ast::Stmt::With(node) => StmtKind::With(Box::new(With {
                items: self.with_items(&node.items),
                body: self.body(&node.body),
                is_async: node.is_async,
            })),
            ast::Stmt::Match(node) => StmtKind::Match(Box::new(Match {
                subject: self.expr(&node.subject),
                cases: node.cases.iter().map(|case| self.case(case)).collect(),
            })),
            ast::Stmt::Try(node) => StmtKind::Try(Box::new(Try {
                body: self.body(&node.body),
                handlers: self.handlers(&node.handlers),
                orelse: self.body(&node.orelse),
                finally: self.body(&node.finalbody),
                is_star: node.is_star,
            })),
            // Every other statement is handled by the callers, or is of notebooks only.
            _ => StmtKind::Pass,
        }
    }

    /// `elif` and `else` clauses, each `elif` an `If` that reaches to the `end` of the statement.
    fn branches(&self, clauses: &[ast::ElifElseClause], end: u32) -> Box<[Stmt]> {
        let mut orelse = Box::default();
        for clause in clauses.iter().rev() {
            let body = self.body(&clause.body);
            orelse = match &clause.test {
                None => body,
                Some(test) => Box::new([Stmt {
                    span: Span::new(clause.range.start().to_u32(), end),
                    kind: StmtKind::If(Box::new(If { test: self.expr(test), body, orelse })),
                }]),
            };
        }
        orelse
    }

    fn with_items(&self, items: &[ast::WithItem]) -> Box<[WithItem]> {
        let item = |item: &ast::WithItem| WithItem {
            context: self.expr(&item.context_expr),
            target: self.optional(item.optional_vars.as_deref()),
        };
        items.iter().map(item).collect()
    }

    fn handlers(&self, handlers: &[ast::ExceptHandler]) -> Box<[Handler]> {
        let handler = |ast::ExceptHandler::ExceptHandler(handler): &ast::ExceptHandler| Handler {
            span: span(handler.range),
            class: self.optional(handler.type_.as_deref()),
            name: handler.name.as_ref().map(name),
            body: self.body(&handler.body),
        };
        handlers.iter().map(handler).collect()
    }

    fn decorators(&self, decorators: &[ast::Decorator]) -> Box<[Expr]> {
        decorators.iter().map(|decorator| self.expr(&decorator.expression)).collect()
    }

    fn parameters(&self, parameters: &ast::Parameters) -> Parameters {
        let with_default = |each: &ast::ParameterWithDefault| {
            self.parameter(&each.parameter, each.default.as_deref())
        };
        let variadic = |each: &ast::Parameter| Box::new(self.parameter(each, None));
        let positional = parameters.posonlyargs.iter().chain(&parameters.args);
        Parameters {
            positional: positional.map(with_default).collect(),
            positional_only: parameters.posonlyargs.len() as u32,
            var_positional: parameters.vararg.as_deref().map(variadic),
            keyword_only: parameters.kwonlyargs.iter().map(with_default).collect(),
            var_keyword: parameters.kwarg.as_deref().map(variadic),
        }
    }

    fn parameter(&self, parameter: &ast::Parameter, default: Option<&ast::Expr>) -> Parameter {
        Parameter {
            name: name(&parameter.name),
            annotation: self.boxed(parameter.annotation.as_deref()),
            default: self.boxed(default),
        }
    }

    fn type_parameters(&self, parameters: Option<&ast::TypeParams>) -> Box<[TypeParameter]> {
        let Some(parameters) = parameters else { return Box::default() };
        let parameter = |parameter: &ast::TypeParam| {
            let (id, bound, default) = match parameter {
                ast::TypeParam::TypeVar(each) => (&each.name, each.bound.as_deref(), &each.default),
                ast::TypeParam::ParamSpec(each) => (&each.name, None, &each.default),
                ast::TypeParam::TypeVarTuple(each) => (&each.name, None, &each.default),
            };
            TypeParameter {
                name: name(id),
                bound: self.boxed(bound),
                default: self.boxed(default.as_deref()),
            }
        };
        parameters.type_params.iter().map(parameter).collect()
    }

    fn exprs(&self, exprs: &[ast::Expr]) -> Box<[Expr]> {
        exprs.iter().map(|expr| self.expr(expr)).collect()
    }

    fn optional(&self, expr: Option<&ast::Expr>) -> Option<Expr> {
        expr.map(|expr| self.expr(expr))
    }

    fn boxed(&self, expr: Option<&ast::Expr>) -> Option<Box<Expr>> {
        expr.map(|expr| Box::new(self.expr(expr)))
    }

    fn expr(&self, expr: &ast::Expr) -> Expr {
        let kind = self.nested(|| self.kind(expr)).unwrap_or(ExprKind::None);
        Expr { span: span(expr.range()), kind }
    }

    fn kind(&self, expr: &ast::Expr) -> ExprKind {
        match expr {
            ast::Expr::NoneLiteral(_) => ExprKind::None,
            ast::Expr::EllipsisLiteral(_) => ExprKind::Ellipsis,
            ast::Expr::BooleanLiteral(node) => ExprKind::Bool(node.value),
            ast::Expr::NumberLiteral(node) => number(&node.value),
            ast::Expr::StringLiteral(node) => ExprKind::Str(self.string(&node.value)),
            ast::Expr::BytesLiteral(node) => ExprKind::Bytes(self.bytes(&node.value)),
            ast::Expr::FString(_) | ast::Expr::TString(_) => self.interpolated(expr),
            ast::Expr::Name(node) => ExprKind::Name(CompactString::from(node.id.as_str())),
            ast::Expr::Call(node) => self.call(node),
            ast::Expr::Attribute(node) => ExprKind::Attribute(Box::new(Attribute {
                value: self.expr(&node.value),
                name: name(&node.attr),
            })),
            ast::Expr::Subscript(node) => ExprKind::Subscript(Box::new(Subscript {
                value: self.expr(&node.value),
                index: self.expr(&node.slice),
            })),
            ast::Expr::Tuple(node) => ExprKind::Tuple(self.exprs(&node.elts)),
            ast::Expr::List(node) => ExprKind::List(self.exprs(&node.elts)),
            ast::Expr::Set(node) => ExprKind::Set(self.exprs(&node.elts)),
            ast::Expr::Dict(node) => self.dict(node),
            ast::Expr::BinOp(node) => ExprKind::Binary(Box::new(Binary {
                left: self.expr(&node.left),
                operator: operator(node.op),
                right: self.expr(&node.right),
            })),
            ast::Expr::UnaryOp(node) => ExprKind::Unary(Box::new(Unary {
                operator: unary_operator(node.op),
                operand: self.expr(&node.operand),
            })),
            ast::Expr::BoolOp(node) => ExprKind::Logical(Box::new(Logical {
                is_and: node.op == ast::BoolOp::And,
                operands: self.exprs(&node.values),
            })),
            ast::Expr::Compare(node) => self.compare(node),
            other => self.rare(other),
        }
    }

    fn rare(&self, expr: &ast::Expr) -> ExprKind {
        match expr {
            ast::Expr::Starred(node) => ExprKind::Starred(Box::new(self.expr(&node.value))),
            ast::Expr::If(node) => ExprKind::Conditional(Box::new(Conditional {
                test: self.expr(&node.test),
                body: self.expr(&node.body),
                orelse: self.expr(&node.orelse),
            })),
            ast::Expr::Lambda(node) => ExprKind::Lambda(Box::new(Lambda {
                parameters: node
                    .parameters
                    .as_deref()
                    .map(|parameters| self.parameters(parameters))
                    .unwrap_or_default(),
                body: self.expr(&node.body),
            })),
            ast::Expr::Named(node) => ExprKind::Walrus(Box::new(Walrus {
                target: self.expr(&node.target),
                value: self.expr(&node.value),
            })),
            ast::Expr::Await(node) => ExprKind::Await(Box::new(self.expr(&node.value))),
            ast::Expr::Yield(node) => ExprKind::Yield(self.boxed(node.value.as_deref())),
            ast::Expr::YieldFrom(node) => ExprKind::YieldFrom(Box::new(self.expr(&node.value))),
            ast::Expr::Slice(node) => ExprKind::Slice(Box::new(Slice {
                lower: self.optional(node.lower.as_deref()),
                upper: self.optional(node.upper.as_deref()),
                step: self.optional(node.step.as_deref()),
            })),
            ast::Expr::ListComp(node) => {
                self.comprehension(ComprehensionKind::List, &node.elt, &node.generators)
            }
            ast::Expr::SetComp(node) => {
                self.comprehension(ComprehensionKind::Set, &node.elt, &node.generators)
            }
            ast::Expr::Generator(node) => {
                self.comprehension(ComprehensionKind::Generator, &node.elt, &node.generators)
            }
            ast::Expr::DictComp(node) => self.dict_comprehension(node),
            // Every other expression is handled by `expr`, or is of notebooks only.
            _ => ExprKind::None,
        }
    }

    fn string(&self, value: &ast::StringLiteralValue) -> Box<str> {
        let mut text = String::new();
        for part in value {
            let source = &self.text[part.range];
            text.push_str(&normalize_newlines(&part.value, source, part.flags.prefix().is_raw()));
        }
        text.into_boxed_str()
    }

    fn bytes(&self, value: &ast::BytesLiteralValue) -> Box<[u8]> {
        let mut bytes = Vec::new();
        for part in value {
            let source = &self.text[part.range];
            // Bytes as Latin-1, in which each is a character and back.
            let chars: String = part.value.iter().map(|&byte| char::from(byte)).collect();
            let chars = normalize_newlines(&chars, source, part.flags.prefix().is_raw());
            bytes.extend(chars.chars().map(|each| each as u8));
        }
        bytes.into_boxed_slice()
    }

    fn interpolated(&self, expr: &ast::Expr) -> ExprKind {
        let mut parts = Parts::default();
        if let ast::Expr::TString(node) = expr {
            for part in &node.value {
                self.elements(&part.elements, part.flags.prefix().is_raw(), &mut parts);
            }
            return ExprKind::TString(parts.finish());
        }
        let ast::Expr::FString(node) = expr else { return ExprKind::None };
        for part in &node.value {
            match part {
                ast::FStringPart::Literal(part) => parts.push_text(&normalize_newlines(
                    &part.value,
                    &self.text[part.range],
                    part.flags.prefix().is_raw(),
                )),
                ast::FStringPart::FString(part) => {
                    self.elements(&part.elements, part.flags.prefix().is_raw(), &mut parts);
                }
            }
        }
        ExprKind::FString(parts.finish())
    }

    fn elements(
        &self,
        elements: &[ast::InterpolatedStringElement],
        is_raw: bool,
        parts: &mut Parts,
    ) {
        for element in elements {
            match element {
                ast::InterpolatedStringElement::Literal(literal) => parts.push_text(
                    &normalize_newlines(&literal.value, &self.text[literal.range], is_raw),
                ),
                ast::InterpolatedStringElement::Interpolation(field) => {
                    self.field(field, is_raw, parts);
                }
            }
        }
    }

    fn field(&self, field: &ast::InterpolatedElement, is_raw: bool, parts: &mut Parts) {
        let mut conversion = field.conversion.to_char();
        if let Some(text) = &field.debug_text {
            parts.push_text(&normalize_newlines(text.as_str(), text.as_str(), true));
            if conversion.is_none() && field.format_spec.is_none() {
                conversion = Some('r');
            }
        }
        let mut spec = Parts::default();
        if let Some(format) = &field.format_spec {
            self.elements(&format.elements, is_raw, &mut spec);
        }
        parts.push_field(FStringField {
            value: self.expr(&field.expression),
            conversion,
            spec: spec.finish(),
        });
    }

    fn call(&self, node: &ast::ExprCall) -> ExprKind {
        ExprKind::Call(Box::new(Call {
            callee: self.expr(&node.func),
            arguments: self.exprs(&node.arguments.args),
            keywords: self.keywords(&node.arguments.keywords),
        }))
    }

    fn keywords(&self, keywords: &[ast::Keyword]) -> Box<[Keyword]> {
        let keyword = |keyword: &ast::Keyword| Keyword {
            span: span(keyword.range),
            name: keyword.arg.as_ref().map(name),
            value: self.expr(&keyword.value),
        };
        keywords.iter().map(keyword).collect()
    }

    fn dict(&self, node: &ast::ExprDict) -> ExprKind {
        let items = node.items.iter().map(|item| DictItem {
            key: self.optional(item.key.as_ref()),
            value: self.expr(&item.value),
        });
        ExprKind::Dict(items.collect())
    }

    fn compare(&self, node: &ast::ExprCompare) -> ExprKind {
        let rest = node.ops.iter().zip(&node.comparators);
        ExprKind::Compare(Box::new(Compare {
            first: self.expr(&node.left),
            rest: rest.map(|(op, operand)| (comparison(*op), self.expr(operand))).collect(),
        }))
    }

    fn comprehension(
        &self,
        kind: ComprehensionKind,
        element: &ast::Expr,
        clauses: &[ast::Comprehension],
    ) -> ExprKind {
        ExprKind::Comprehension(Box::new(Comprehension {
            kind,
            element: self.expr(element),
            value: None,
            clauses: self.clauses(clauses),
        }))
    }

    fn dict_comprehension(&self, node: &ast::ExprDictComp) -> ExprKind {
        let value = self.expr(&node.value);
        let (element, value) = match node.key.as_deref() {
            Some(key) => (self.expr(key), Some(value)),
            // `{**value for …}` (PEP 798).
            None => (Expr { span: value.span, kind: ExprKind::Starred(Box::new(value)) }, None),
        };
        ExprKind::Comprehension(Box::new(Comprehension {
            kind: ComprehensionKind::Dict,
            element,
            value,
            clauses: self.clauses(&node.generators),
        }))
    }

    fn clauses(&self, clauses: &[ast::Comprehension]) -> Box<[ForClause]> {
        let clause = |clause: &ast::Comprehension| ForClause {
            target: self.expr(&clause.target),
            iterable: self.expr(&clause.iter),
            conditions: self.exprs(&clause.ifs),
            is_async: clause.is_async,
        };
        clauses.iter().map(clause).collect()
    }

    fn case(&self, case: &ast::MatchCase) -> Case {
        let mut parts = PatternParts::default();
        self.pattern(&case.pattern, &mut parts);
        Case {
            pattern: span(case.pattern.range()),
            captures: parts.captures.into_boxed_slice(),
            is_irrefutable: is_irrefutable(&case.pattern),
            values: parts.values.into_boxed_slice(),
            guard: self.optional(case.guard.as_deref()),
            body: self.body(&case.body),
        }
    }

    fn pattern(&self, pattern: &ast::Pattern, parts: &mut PatternParts) {
        self.nested(|| self.pattern_parts(pattern, parts));
    }

    fn pattern_parts(&self, pattern: &ast::Pattern, parts: &mut PatternParts) {
        match pattern {
            ast::Pattern::MatchValue(node) => parts.values.push(self.expr(&node.value)),
            ast::Pattern::MatchSingleton(node) => {
                let kind = match node.value {
                    ast::Singleton::None => ExprKind::None,
                    ast::Singleton::True => ExprKind::Bool(true),
                    ast::Singleton::False => ExprKind::Bool(false),
                };
                parts.constant(span(node.range), kind);
            }
            ast::Pattern::MatchSequence(node) => self.patterns(&node.patterns, parts),
            ast::Pattern::MatchMapping(node) => {
                for (key, value) in node.keys.iter().zip(&node.patterns) {
                    parts.values.push(self.expr(key));
                    self.pattern(value, parts);
                }
                node.rest.iter().for_each(|rest| parts.capture(name(rest)));
            }
            ast::Pattern::MatchClass(node) => {
                parts.values.push(self.expr(&node.cls));
                self.patterns(&node.arguments.patterns, parts);
                for keyword in &node.arguments.keywords {
                    self.pattern(&keyword.pattern, parts);
                }
            }
            ast::Pattern::MatchStar(node) => {
                node.name.iter().for_each(|each| parts.capture(name(each)));
            }
            ast::Pattern::MatchAs(node) => {
                if let Some(inner) = &node.pattern {
                    self.pattern(inner, parts);
                }
                node.name.iter().for_each(|each| parts.capture(name(each)));
            }
            ast::Pattern::MatchOr(node) => {
                let outer = parts.is_alternative;
                for alternative in &node.patterns {
                    self.pattern(alternative, parts);
                    parts.is_alternative = true;
                }
                parts.is_alternative = outer;
            }
        }
    }

    fn patterns(&self, patterns: &[ast::Pattern], parts: &mut PatternParts) {
        for pattern in patterns {
            self.pattern(pattern, parts);
        }
    }
}

fn is_irrefutable(pattern: &ast::Pattern) -> bool {
    match pattern {
        ast::Pattern::MatchAs(node) => node.pattern.as_deref().is_none_or(is_irrefutable),
        ast::Pattern::MatchOr(node) => node.patterns.iter().any(is_irrefutable),
        _ => false,
    }
}

/// Where `def`, `class` or `async` stands: after the decorators and what separates them from it.
fn after_decorators(text: &str, start: u32, decorators: &[ast::Decorator]) -> u32 {
    let Some(last) = decorators.last() else { return start };
    let bytes = text.as_bytes();
    let mut at = last.range.end().to_usize();
    at += gap_length(&bytes[at..]);
    at as u32
}

fn number(value: &ast::Number) -> ExprKind {
    match value {
        ast::Number::Int(value) => value.as_i64().map_or(ExprKind::BigInt, ExprKind::Int),
        ast::Number::Float(value) => ExprKind::Float(*value),
        ast::Number::Complex { imag, .. } => ExprKind::Imaginary(*imag),
    }
}

fn aliases(aliases: &[ast::Alias]) -> Box<[Alias]> {
    let alias = |alias: &ast::Alias| Alias {
        span: span(alias.range),
        name: name(&alias.name),
        asname: alias.asname.as_ref().map(name),
    };
    aliases.iter().map(alias).collect()
}

fn name(identifier: &ast::Identifier) -> Name {
    CompactString::from(identifier.id.as_str())
}

fn span(range: TextRange) -> Span {
    Span::new(range.start().to_u32(), range.end().to_u32())
}
fn operator(operator: ast::Operator) -> Operator {
    match operator {
        ast::Operator::Add => Operator::Add,
        ast::Operator::Sub => Operator::Subtract,
        ast::Operator::Mult => Operator::Multiply,
        ast::Operator::MatMult => Operator::MatrixMultiply,
        ast::Operator::Div => Operator::Divide,
        ast::Operator::Mod => Operator::Modulo,
        ast::Operator::Pow => Operator::Power,
        ast::Operator::LShift => Operator::ShiftLeft,
        ast::Operator::RShift => Operator::ShiftRight,
        ast::Operator::BitOr => Operator::BitOr,
        ast::Operator::BitXor => Operator::BitXor,
        ast::Operator::BitAnd => Operator::BitAnd,
        ast::Operator::FloorDiv => Operator::FloorDivide,
    }
}

fn unary_operator(operator: ast::UnaryOp) -> UnaryOperator {
    match operator {
        ast::UnaryOp::Invert => UnaryOperator::Invert,
        ast::UnaryOp::Not => UnaryOperator::Not,
        ast::UnaryOp::UAdd => UnaryOperator::Plus,
        ast::UnaryOp::USub => UnaryOperator::Minus,
    }
}

fn comparison(operator: ast::CmpOp) -> Comparison {
    match operator {
        ast::CmpOp::Eq => Comparison::Equal,
        ast::CmpOp::NotEq => Comparison::NotEqual,
        ast::CmpOp::Lt => Comparison::Less,
        ast::CmpOp::LtE => Comparison::LessEqual,
        ast::CmpOp::Gt => Comparison::Greater,
        ast::CmpOp::GtE => Comparison::GreaterEqual,
        ast::CmpOp::Is => Comparison::Is,
        ast::CmpOp::IsNot => Comparison::IsNot,
        ast::CmpOp::In => Comparison::In,
        ast::CmpOp::NotIn => Comparison::NotIn,
    }
}

//! `rustpython-parser`'s tree to ours.

use compact_str::CompactString;
use diagnostics::Span;
use rustpython_parser::ast::{self, Ranged};
use rustpython_parser::text_size::TextRange;
use rustpython_parser::{Mode, lexer};

use crate::build::{
    Parts, PatternParts, after_parentheses, definition_name, gap_length, parentheses,
};
use crate::parse::SyntaxError;
use crate::tree::{
    Alias, AnnAssign, Assert, Assign, Attribute, AugAssign, Binary, Call, Case, Class, Compare,
    Comparison, Comprehension, ComprehensionKind, Conditional, DictItem, Expr, ExprKind,
    FStringField, FStringPart, For, ForClause, Function, Handler, If, ImportFrom, Keyword, Lambda,
    Logical, Match, Module, Name, Operator, Parameter, Parameters, Raise, Slice, Stmt, StmtKind,
    Subscript, Try, TypeAlias, TypeParameter, Unary, UnaryOperator, Walrus, While, With, WithItem,
};

/// Reads `text` with `rustpython-parser`.
pub(crate) fn read(text: &str) -> Result<Module, SyntaxError> {
    let tokens = lexer::lex(text, Mode::Module);
    match rustpython_parser::parse_tokens(tokens, Mode::Module, "") {
        Ok(ast::Mod::Module(module)) => Ok(Module { body: Reader { text }.body(module.body) }),
        Ok(_) => Ok(Module::default()),
        Err(error) => {
            let offset = u32::from(error.offset).min(text.len() as u32);
            Err(SyntaxError::grammar(Span::point(offset), error.error.to_string()))
        }
    }
}

struct Reader<'a> {
    text: &'a str,
}

impl Reader<'_> {
    fn body(&self, body: Vec<ast::Stmt>) -> Box<[Stmt]> {
        slice(body, |stmt| self.stmt(stmt))
    }

    fn stmt(&self, stmt: ast::Stmt) -> Stmt {
        let span = span(stmt.range());
        let kind = match stmt {
            ast::Stmt::FunctionDef(node) => StmtKind::Function(Box::new(Function {
                name_span: definition_name(self.text, span.start),
                name: name(node.name),
                decorators: self.exprs(node.decorator_list),
                type_parameters: self.type_parameters(node.type_params),
                parameters: self.parameters(*node.args),
                returns: self.boxed(node.returns),
                body: self.body(node.body),
                is_async: false,
            })),
            ast::Stmt::AsyncFunctionDef(node) => StmtKind::Function(Box::new(Function {
                name_span: definition_name(self.text, span.start),
                name: name(node.name),
                decorators: self.exprs(node.decorator_list),
                type_parameters: self.type_parameters(node.type_params),
                parameters: self.parameters(*node.args),
                returns: self.boxed(node.returns),
                body: self.body(node.body),
                is_async: true,
            })),
            ast::Stmt::ClassDef(node) => StmtKind::Class(Box::new(Class {
                name_span: definition_name(self.text, span.start),
                name: name(node.name),
                decorators: self.exprs(node.decorator_list),
                type_parameters: self.type_parameters(node.type_params),
                bases: self.exprs(node.bases),
                keywords: self.keywords(node.keywords),
                body: self.body(node.body),
            })),
            ast::Stmt::Import(node) => StmtKind::Import(aliases(node.names)),
            ast::Stmt::ImportFrom(node) => StmtKind::ImportFrom(Box::new(ImportFrom {
                module: node.module.map(name),
                level: node.level.map_or(0, |level| level.to_u32()),
                names: aliases(node.names),
            })),
            ast::Stmt::Global(node) => StmtKind::Global(names(node.names)),
            ast::Stmt::Nonlocal(node) => StmtKind::Nonlocal(names(node.names)),
            ast::Stmt::Pass(_) => StmtKind::Pass,
            ast::Stmt::Break(_) => StmtKind::Break,
            ast::Stmt::Continue(_) => StmtKind::Continue,
            ast::Stmt::Expr(node) => StmtKind::Expr(Box::new(self.expr(*node.value))),
            other => self.simple(other),
        };
        Stmt { span, kind }
    }

    fn simple(&self, stmt: ast::Stmt) -> StmtKind {
        match stmt {
            ast::Stmt::Return(node) => StmtKind::Return(self.boxed(node.value)),
            ast::Stmt::Delete(node) => StmtKind::Delete(self.exprs(node.targets)),
            ast::Stmt::Assign(node) => StmtKind::Assign(Box::new(Assign {
                targets: self.exprs(node.targets),
                value: self.expr(*node.value),
            })),
            ast::Stmt::AugAssign(node) => StmtKind::AugAssign(Box::new(AugAssign {
                target: self.expr(*node.target),
                operator: operator(node.op),
                value: self.expr(*node.value),
            })),
            ast::Stmt::AnnAssign(node) => StmtKind::AnnAssign(Box::new(AnnAssign {
                target: self.expr(*node.target),
                annotation: self.expr(*node.annotation),
                value: self.optional(node.value),
            })),
            ast::Stmt::TypeAlias(node) => StmtKind::TypeAlias(Box::new(TypeAlias {
                name: self.expr(*node.name),
                type_parameters: self.type_parameters(node.type_params),
                value: self.expr(*node.value),
            })),
            ast::Stmt::Raise(node) => StmtKind::Raise(Box::new(Raise {
                exception: self.optional(node.exc),
                cause: self.optional(node.cause),
            })),
            ast::Stmt::Assert(node) => StmtKind::Assert(Box::new(Assert {
                test: self.expr(*node.test),
                message: self.optional(node.msg),
            })),
            other => self.compound(other),
        }
    }

    fn compound(&self, stmt: ast::Stmt) -> StmtKind {
        match stmt {
            ast::Stmt::For(node) => StmtKind::For(Box::new(For {
                target: self.expr(*node.target),
                iterable: self.expr(*node.iter),
                body: self.body(node.body),
                orelse: self.body(node.orelse),
                is_async: false,
            })),
            ast::Stmt::AsyncFor(node) => StmtKind::For(Box::new(For {
                target: self.expr(*node.target),
                iterable: self.expr(*node.iter),
                body: self.body(node.body),
                orelse: self.body(node.orelse),
                is_async: true,
            })),
            ast::Stmt::While(node) => StmtKind::While(Box::new(While {
                test: self.expr(*node.test),
                body: self.body(node.body),
                orelse: self.body(node.orelse),
            })),
            ast::Stmt::If(node) => StmtKind::If(Box::new(If {
                test: self.expr(*node.test),
                body: self.body(node.body),
                orelse: self.body(node.orelse),
            })),
            ast::Stmt::With(node) => StmtKind::With(Box::new(With {
                items: self.with_items(node.items),
                body: self.body(node.body),
                is_async: false,
            })),
            ast::Stmt::AsyncWith(node) => StmtKind::With(Box::new(With {
                items: self.with_items(node.items),
                body: self.body(node.body),
                is_async: true,
            })),
            ast::Stmt::Match(node) => StmtKind::Match(Box::new(Match {
                subject: self.subject(*node.subject, node.range.start().into()),
                cases: slice(node.cases, |case| self.case(case)),
            })),
            ast::Stmt::Try(node) => StmtKind::Try(Box::new(Try {
                body: self.body(node.body),
                handlers: self.handlers(node.handlers),
                orelse: self.body(node.orelse),
                finally: self.body(node.finalbody),
                is_star: false,
            })),
            ast::Stmt::TryStar(node) => StmtKind::Try(Box::new(Try {
                body: self.body(node.body),
                handlers: self.handlers(node.handlers),
                orelse: self.body(node.orelse),
                finally: self.body(node.finalbody),
                is_star: true,
            })),
            // Every other statement is handled by the callers.
            _ => StmtKind::Pass,
        }
    }

    fn with_items(&self, items: Vec<ast::WithItem>) -> Box<[WithItem]> {
        slice(items, |item| WithItem {
            context: self.expr(item.context_expr),
            target: self.optional(item.optional_vars),
        })
    }

    fn handlers(&self, handlers: Vec<ast::ExceptHandler>) -> Box<[Handler]> {
        slice(handlers, |ast::ExceptHandler::ExceptHandler(handler)| Handler {
            span: span(handler.range),
            class: self.optional(handler.type_),
            name: handler.name.map(name),
            body: self.body(handler.body),
        })
    }

    fn parameters(&self, parameters: ast::Arguments) -> Parameters {
        let positional_only = parameters.posonlyargs.len() as u32;
        let positional = parameters.posonlyargs.into_iter().chain(parameters.args);
        Parameters {
            positional: positional.map(|each| self.parameter(each.def, each.default)).collect(),
            positional_only,
            var_positional: parameters.vararg.map(|each| Box::new(self.parameter(*each, None))),
            keyword_only: parameters
                .kwonlyargs
                .into_iter()
                .map(|each| self.parameter(each.def, each.default))
                .collect(),
            var_keyword: parameters.kwarg.map(|each| Box::new(self.parameter(*each, None))),
        }
    }

    fn parameter(&self, parameter: ast::Arg, default: Option<Box<ast::Expr>>) -> Parameter {
        Parameter {
            name: name(parameter.arg),
            annotation: self.boxed(parameter.annotation),
            default: self.boxed(default),
        }
    }

    fn type_parameters(&self, parameters: Vec<ast::TypeParam>) -> Box<[TypeParameter]> {
        parameters
            .into_iter()
            .map(|parameter| {
                let (id, bound) = match parameter {
                    ast::TypeParam::TypeVar(each) => (each.name, each.bound),
                    ast::TypeParam::ParamSpec(each) => (each.name, None),
                    ast::TypeParam::TypeVarTuple(each) => (each.name, None),
                };
                TypeParameter { name: name(id), bound: self.boxed(bound), default: None }
            })
            .collect()
    }

    fn exprs(&self, exprs: Vec<ast::Expr>) -> Box<[Expr]> {
        slice(exprs, |expr| self.expr(expr))
    }

    fn optional(&self, expr: Option<Box<ast::Expr>>) -> Option<Expr> {
        expr.map(|expr| self.expr(*expr))
    }

    fn boxed(&self, expr: Option<Box<ast::Expr>>) -> Option<Box<Expr>> {
        expr.map(|expr| Box::new(self.expr(*expr)))
    }

    fn expr(&self, expr: ast::Expr) -> Expr {
        let mut span = span(expr.range());
        let kind = match expr {
            ast::Expr::NamedExpr(node) => {
                let walrus = self.walrus(node);
                span.end = walrus.1;
                walrus.0
            }
            ast::Expr::Constant(node) => constant(node.value),
            ast::Expr::Name(node) => ExprKind::Name(name(node.id)),
            ast::Expr::Call(node) => self.call(node),
            ast::Expr::Attribute(node) => ExprKind::Attribute(Box::new(Attribute {
                value: self.expr(*node.value),
                name: name(node.attr),
            })),
            ast::Expr::Subscript(node) => ExprKind::Subscript(Box::new(Subscript {
                value: self.expr(*node.value),
                index: self.index(*node.slice),
            })),
            ast::Expr::Tuple(node) => ExprKind::Tuple(self.exprs(node.elts)),
            ast::Expr::List(node) => ExprKind::List(self.exprs(node.elts)),
            ast::Expr::Set(node) => ExprKind::Set(self.exprs(node.elts)),
            ast::Expr::Dict(node) => self.dict(node),
            ast::Expr::BinOp(node) => ExprKind::Binary(Box::new(Binary {
                left: self.expr(*node.left),
                operator: operator(node.op),
                right: self.expr(*node.right),
            })),
            ast::Expr::UnaryOp(node) => ExprKind::Unary(Box::new(Unary {
                operator: unary_operator(node.op),
                operand: self.expr(*node.operand),
            })),
            ast::Expr::BoolOp(node) => ExprKind::Logical(Box::new(Logical {
                is_and: node.op == ast::BoolOp::And,
                operands: self.exprs(node.values),
            })),
            ast::Expr::Compare(node) => self.compare(node),
            ast::Expr::JoinedStr(node) => {
                let mut parts = Parts::default();
                self.parts(node.values, &mut parts);
                ExprKind::FString(parts.finish())
            }
            other => self.rare(other),
        };
        Expr { span, kind }
    }

    fn rare(&self, expr: ast::Expr) -> ExprKind {
        match expr {
            ast::Expr::Starred(node) => ExprKind::Starred(Box::new(self.expr(*node.value))),
            ast::Expr::IfExp(node) => ExprKind::Conditional(Box::new(Conditional {
                test: self.expr(*node.test),
                body: self.expr(*node.body),
                orelse: self.expr(*node.orelse),
            })),
            ast::Expr::Lambda(node) => ExprKind::Lambda(Box::new(Lambda {
                parameters: self.parameters(*node.args),
                body: self.expr(*node.body),
            })),
            ast::Expr::Await(node) => ExprKind::Await(Box::new(self.expr(*node.value))),
            ast::Expr::Yield(node) => ExprKind::Yield(self.boxed(node.value)),
            ast::Expr::YieldFrom(node) => ExprKind::YieldFrom(Box::new(self.expr(*node.value))),
            ast::Expr::Slice(node) => ExprKind::Slice(Box::new(Slice {
                lower: self.optional(node.lower),
                upper: self.optional(node.upper),
                step: self.optional(node.step),
            })),
            ast::Expr::ListComp(node) => {
                self.comprehension(ComprehensionKind::List, *node.elt, None, node.generators)
            }
            ast::Expr::SetComp(node) => {
                self.comprehension(ComprehensionKind::Set, *node.elt, None, node.generators)
            }
            ast::Expr::GeneratorExp(node) => {
                self.comprehension(ComprehensionKind::Generator, *node.elt, None, node.generators)
            }
            ast::Expr::DictComp(node) => self.comprehension(
                ComprehensionKind::Dict,
                *node.key,
                Some(*node.value),
                node.generators,
            ),
            // A replacement field stands in an f-string only; all others are handled by `expr`.
            _ => ExprKind::None,
        }
    }

    /// `target := value` and its end: the parser forgets parentheses around the value.
    fn walrus(&self, node: ast::ExprNamedExpr) -> (ExprKind, u32) {
        let target = self.expr(*node.target);
        let value = self.expr(*node.value);
        let gap = Span::new(target.span.end, value.span.start).of(self.text);
        let end = after_parentheses(self.text, value.span.end, parentheses(gap));
        (ExprKind::Walrus(Box::new(Walrus { target, value })), end)
    }

    /// The parser has no tuple where `[*index]` stands (PEP 646).
    fn index(&self, index: ast::Expr) -> Expr {
        let index = self.expr(index);
        if !matches!(index.kind, ExprKind::Starred(_)) {
            return index;
        }
        let end = index.span.end as usize;
        let gap = gap_length(&self.text.as_bytes()[end..]);
        let comma = usize::from(self.text.as_bytes().get(end + gap) == Some(&b','));
        let end = if comma == 1 { end + gap + 1 } else { end };
        let span = Span::new(index.span.start, end as u32);
        Expr { span, kind: ExprKind::Tuple(Box::new([index])) }
    }

    /// A bare tuple after `match`: the parser has none of one element, and takes the span of the
    /// statement for others.
    fn subject(&self, subject: ast::Expr, statement: u32) -> Expr {
        let subject = self.expr(subject);
        let bytes = self.text.as_bytes();
        let mut end = match &subject.kind {
            ExprKind::Tuple(items) if subject.span.start == statement => {
                items.last().map_or(subject.span.end, |last| last.span.end)
            }
            _ => subject.span.end,
        } as usize;
        let mut has_comma = subject.span.start == statement;
        let mut at = end + gap_length(&bytes[end..]);
        while let Some(b')' | b',') = bytes.get(at) {
            has_comma |= bytes[at] == b',';
            end = at + 1;
            at = end + gap_length(&bytes[end..]);
        }
        if !has_comma {
            return subject;
        }
        let start = statement as usize + "match".len();
        let span = Span::new((start + gap_length(&bytes[start..])) as u32, end as u32);
        let kind = match subject.kind {
            ExprKind::Tuple(items) if subject.span.start == statement => ExprKind::Tuple(items),
            _ => ExprKind::Tuple(Box::new([subject])),
        };
        Expr { span, kind }
    }

    fn call(&self, node: ast::ExprCall) -> ExprKind {
        ExprKind::Call(Box::new(Call {
            callee: self.expr(*node.func),
            arguments: self.exprs(node.args),
            keywords: self.keywords(node.keywords),
        }))
    }

    fn keywords(&self, keywords: Vec<ast::Keyword>) -> Box<[Keyword]> {
        slice(keywords, |keyword| Keyword {
            span: span(keyword.range),
            name: keyword.arg.map(name),
            value: self.expr(keyword.value),
        })
    }

    fn dict(&self, node: ast::ExprDict) -> ExprKind {
        let items = node.keys.into_iter().zip(node.values).map(|(key, value)| DictItem {
            key: key.map(|key| self.expr(key)),
            value: self.expr(value),
        });
        ExprKind::Dict(items.collect())
    }

    fn compare(&self, node: ast::ExprCompare) -> ExprKind {
        let rest = node.ops.into_iter().zip(node.comparators);
        ExprKind::Compare(Box::new(Compare {
            first: self.expr(*node.left),
            rest: rest.map(|(op, operand)| (comparison(op), self.expr(operand))).collect(),
        }))
    }

    fn comprehension(
        &self,
        kind: ComprehensionKind,
        element: ast::Expr,
        value: Option<ast::Expr>,
        clauses: Vec<ast::Comprehension>,
    ) -> ExprKind {
        let clauses = clauses.into_iter().map(|clause| ForClause {
            target: self.expr(clause.target),
            iterable: self.expr(clause.iter),
            conditions: self.exprs(clause.ifs),
            is_async: clause.is_async,
        });
        ExprKind::Comprehension(Box::new(Comprehension {
            kind,
            element: self.expr(element),
            value: value.map(|value| self.expr(value)),
            clauses: clauses.collect(),
        }))
    }

    fn parts(&self, values: Vec<ast::Expr>, parts: &mut Parts) {
        for value in values {
            match value {
                ast::Expr::Constant(ast::ExprConstant {
                    value: ast::Constant::Str(text), ..
                }) => parts.push_text(&text),
                ast::Expr::FormattedValue(field) => parts.push_field(FStringField {
                    value: self.field_value(*field.value),
                    conversion: field.conversion.to_char(),
                    spec: self.spec(field.format_spec),
                }),
                _ => {}
            }
        }
    }

    fn spec(&self, spec: Option<Box<ast::Expr>>) -> Box<[FStringPart]> {
        let mut parts = Parts::default();
        if let Some(ast::Expr::JoinedStr(spec)) = spec.map(|spec| *spec) {
            self.parts(spec.values, &mut parts);
        }
        parts.finish()
    }

    /// The parser reads a replacement field as if parentheses stood in the place of its braces,
    /// so a bare tuple seems to include them.
    fn field_value(&self, value: ast::Expr) -> Expr {
        let mut value = self.expr(value);
        let is_braced = self.text.as_bytes().get(value.span.start as usize) == Some(&b'{');
        if let ExprKind::Tuple(items) = &value.kind
            && is_braced
            && let Some(first) = items.first()
        {
            let inner = &self.text[..value.span.end as usize - 1];
            value.span = Span::new(first.span.start, inner.trim_end().len() as u32);
        }
        value
    }

    fn case(&self, case: ast::MatchCase) -> Case {
        let pattern = span(case.pattern.range());
        let is_irrefutable = is_irrefutable(&case.pattern);
        let mut parts = PatternParts::default();
        self.pattern(case.pattern, &mut parts);
        Case {
            pattern,
            captures: parts.captures.into_boxed_slice(),
            is_irrefutable,
            values: parts.values.into_boxed_slice(),
            guard: self.optional(case.guard),
            body: self.body(case.body),
        }
    }

    fn pattern(&self, pattern: ast::Pattern, parts: &mut PatternParts) {
        match pattern {
            ast::Pattern::MatchValue(node) => parts.values.push(self.expr(*node.value)),
            ast::Pattern::MatchSingleton(node) => {
                parts.constant(span(node.range), constant(node.value));
            }
            ast::Pattern::MatchSequence(node) => self.patterns(node.patterns, parts),
            ast::Pattern::MatchMapping(node) => {
                for (key, value) in node.keys.into_iter().zip(node.patterns) {
                    parts.values.push(self.expr(key));
                    self.pattern(value, parts);
                }
                node.rest.into_iter().for_each(|rest| parts.capture(name(rest)));
            }
            ast::Pattern::MatchClass(node) => {
                parts.values.push(self.expr(*node.cls));
                self.patterns(node.patterns, parts);
                self.patterns(node.kwd_patterns, parts);
            }
            ast::Pattern::MatchStar(node) => {
                node.name.into_iter().for_each(|each| parts.capture(name(each)));
            }
            ast::Pattern::MatchAs(node) => {
                if let Some(inner) = node.pattern {
                    self.pattern(*inner, parts);
                }
                node.name.into_iter().for_each(|each| parts.capture(name(each)));
            }
            ast::Pattern::MatchOr(node) => {
                let outer = parts.is_alternative;
                for alternative in node.patterns {
                    self.pattern(alternative, parts);
                    parts.is_alternative = true;
                }
                parts.is_alternative = outer;
            }
        }
    }

    fn patterns(&self, patterns: Vec<ast::Pattern>, parts: &mut PatternParts) {
        for pattern in patterns {
            self.pattern(pattern, parts);
        }
    }
}

/// `items`, each made into one of ours, in a slice of its own: collected in the place of theirs, which
/// are larger, ours would keep their room.
fn slice<T, U>(items: Vec<T>, make: impl FnMut(T) -> U) -> Box<[U]> {
    let mut slice = Vec::with_capacity(items.len());
    slice.extend(items.into_iter().map(make));
    slice.into_boxed_slice()
}

fn is_irrefutable(pattern: &ast::Pattern) -> bool {
    match pattern {
        ast::Pattern::MatchAs(node) => node.pattern.as_deref().is_none_or(is_irrefutable),
        ast::Pattern::MatchOr(node) => node.patterns.iter().any(is_irrefutable),
        _ => false,
    }
}

fn constant(value: ast::Constant) -> ExprKind {
    match value {
        // The grammar has no tuple constants.
        ast::Constant::None | ast::Constant::Tuple(_) => ExprKind::None,
        ast::Constant::Bool(value) => ExprKind::Bool(value),
        ast::Constant::Str(value) => ExprKind::Str(value.into_boxed_str()),
        ast::Constant::Bytes(value) => ExprKind::Bytes(value.into_boxed_slice()),
        ast::Constant::Int(value) => i64::try_from(&value).map_or(ExprKind::BigInt, ExprKind::Int),
        ast::Constant::Float(value) => ExprKind::Float(value),
        ast::Constant::Complex { imag, .. } => ExprKind::Imaginary(imag),
        ast::Constant::Ellipsis => ExprKind::Ellipsis,
    }
}

fn aliases(aliases: Vec<ast::Alias>) -> Box<[Alias]> {
    slice(aliases, |alias| Alias {
        span: span(alias.range),
        name: name(alias.name),
        asname: alias.asname.map(name),
    })
}

fn names(names: Vec<ast::Identifier>) -> Box<[Name]> {
    slice(names, name)
}

fn name(identifier: ast::Identifier) -> Name {
    CompactString::from(String::from(identifier))
}

fn span(range: TextRange) -> Span {
    Span::new(range.start().into(), range.end().into())
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

//! The expressions of `rustpython-parser`.

use diagnostics::Span;
use rustpython_parser::ast::{self, Ranged};

use super::{Reader, name, slice, span};
use crate::build::{Parts, after_parentheses, gap_length, parentheses};
use crate::tree::{
    Attribute, Binary, Call, Compare, Comparison, Comprehension, ComprehensionKind, Conditional,
    DictItem, Expr, ExprKind, FStringField, FStringPart, ForClause, Keyword, Lambda, Logical,
    Operator, Slice, Subscript, Unary, UnaryOperator, Walrus,
};

impl Reader<'_> {
    pub(super) fn exprs(&self, exprs: Vec<ast::Expr>) -> Box<[Expr]> {
        slice(exprs, |expr| self.expr(expr))
    }

    pub(super) fn optional(&self, expr: Option<Box<ast::Expr>>) -> Option<Expr> {
        expr.map(|expr| self.expr(*expr))
    }

    pub(super) fn boxed(&self, expr: Option<Box<ast::Expr>>) -> Option<Box<Expr>> {
        expr.map(|expr| Box::new(self.expr(*expr)))
    }

    pub(super) fn expr(&self, expr: ast::Expr) -> Expr {
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
    pub(super) fn subject(&self, subject: ast::Expr, statement: u32) -> Expr {
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

    pub(super) fn keywords(&self, keywords: Vec<ast::Keyword>) -> Box<[Keyword]> {
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
}

pub(super) fn constant(value: ast::Constant) -> ExprKind {
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

pub(super) fn operator(operator: ast::Operator) -> Operator {
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

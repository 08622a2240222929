//! The expressions of `ruff_python_parser`.

use compact_str::CompactString;
use ruff_python_ast as ast;
use ruff_text_size::Ranged;

use super::{Reader, name, span};
use crate::build::{Parts, normalize_newlines};
use crate::tree::{
    Attribute, Binary, Call, Compare, Comparison, Comprehension, ComprehensionKind, Conditional,
    DictItem, Expr, ExprKind, FStringField, ForClause, Keyword, Lambda, Logical, Operator, Slice,
    Subscript, Unary, UnaryOperator, Walrus,
};

impl Reader<'_> {
    pub(super) fn exprs(&self, exprs: &[ast::Expr]) -> Box<[Expr]> {
        exprs.iter().map(|expr| self.expr(expr)).collect()
    }

    pub(super) fn optional(&self, expr: Option<&ast::Expr>) -> Option<Expr> {
        expr.map(|expr| self.expr(expr))
    }

    pub(super) fn boxed(&self, expr: Option<&ast::Expr>) -> Option<Box<Expr>> {
        expr.map(|expr| Box::new(self.expr(expr)))
    }

    pub(super) fn expr(&self, expr: &ast::Expr) -> Expr {
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

    pub(super) fn keywords(&self, keywords: &[ast::Keyword]) -> Box<[Keyword]> {
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
}

fn number(value: &ast::Number) -> ExprKind {
    match value {
        ast::Number::Int(value) => value.as_i64().map_or(ExprKind::BigInt, ExprKind::Int),
        ast::Number::Float(value) => ExprKind::Float(*value),
        ast::Number::Complex { imag, .. } => ExprKind::Imaginary(*imag),
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

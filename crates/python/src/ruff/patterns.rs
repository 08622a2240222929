//! The `case` patterns of `ruff_python_parser`.

use ruff_python_ast as ast;
use ruff_text_size::Ranged;

use super::{Reader, name, span};
use crate::build::PatternParts;
use crate::tree::{Case, ExprKind};

impl Reader<'_> {
    pub(super) fn case(&self, case: &ast::MatchCase) -> Case {
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

//! The `case` patterns of `rustpython-parser`.

use rustpython_parser::ast::{self, Ranged};

use super::expressions::constant;
use super::{Reader, name, span};
use crate::build::PatternParts;
use crate::tree::Case;

impl Reader<'_> {
    pub(super) fn case(&self, case: ast::MatchCase) -> Case {
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

fn is_irrefutable(pattern: &ast::Pattern) -> bool {
    match pattern {
        ast::Pattern::MatchAs(node) => node.pattern.as_deref().is_none_or(is_irrefutable),
        ast::Pattern::MatchOr(node) => node.patterns.iter().any(is_irrefutable),
        _ => false,
    }
}

//! `ruff_python_parser`'s tree to ours.

mod expressions;
mod patterns;

use std::cell::Cell;

use compact_str::CompactString;
use diagnostics::Span;
use ruff_python_ast::{self as ast, PythonVersion};
use ruff_python_parser::{Mode, ParseOptions};
use ruff_text_size::{Ranged, TextRange};

use self::expressions::operator;
use crate::build::gap_length;
use crate::depth::MAX_DEPTH;
use crate::parse::SyntaxError;
use crate::tree::{
    Alias, AnnAssign, Assert, Assign, AugAssign, Class, Expr, For, Function, Handler, If,
    ImportFrom, Match, Module, Name, Parameter, Parameters, Raise, Stmt, StmtKind, Try, TypeAlias,
    TypeParameter, While, With, WithItem,
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
}

/// Where `def`, `class` or `async` stands: after the decorators and what separates them from it.
fn after_decorators(text: &str, start: u32, decorators: &[ast::Decorator]) -> u32 {
    let Some(last) = decorators.last() else { return start };
    let bytes = text.as_bytes();
    let mut at = last.range.end().to_usize();
    at += gap_length(&bytes[at..]);
    at as u32
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

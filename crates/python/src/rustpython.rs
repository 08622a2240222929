//! `rustpython-parser`'s tree to ours.

mod expressions;
mod patterns;
mod tokens;

use compact_str::CompactString;
use diagnostics::Span;
use rustpython_parser::ast::{self, Ranged};
use rustpython_parser::lexer::{self, LexResult};
use rustpython_parser::text_size::TextRange;
use rustpython_parser::{Mode, ParseError};

use self::expressions::operator;
use self::tokens::Plain;
use crate::build::definition_name;
use crate::lexer::Token;
use crate::parse::SyntaxError;
use crate::tree::{
    Alias, AnnAssign, Assert, Assign, AugAssign, Class, For, Function, Handler, If, ImportFrom,
    Match, Module, Name, Parameter, Parameters, Raise, Stmt, StmtKind, Try, TypeAlias,
    TypeParameter, While, With, WithItem,
};

/// Reads `text` with `rustpython-parser`; its `tokens` spare the library most of its lexer.
pub(crate) fn read(text: &str, tokens: &[Token]) -> Result<Module, SyntaxError> {
    let mut plain = Plain::new(text, tokens);
    let mut parsed = grammar(&mut plain);
    if plain.gave_up() {
        parsed = grammar(&mut lexer::lex(text, Mode::Module));
    }
    match parsed {
        Ok(ast::Mod::Module(module)) => Ok(Module { body: Reader { text }.body(module.body) }),
        Ok(_) => Ok(Module::default()),
        Err(error) => {
            let offset = u32::from(error.offset).min(text.len() as u32);
            Err(SyntaxError::grammar(Span::point(offset), error.error.to_string()))
        }
    }
}

/// The library's grammar, once for whatever makes the tokens.
fn grammar(tokens: &mut dyn Iterator<Item = LexResult>) -> Result<ast::Mod, ParseError> {
    rustpython_parser::parse_tokens(tokens, Mode::Module, "")
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
}

/// `items`, each made into one of ours, in a slice of its own: collected in the place of theirs, which
/// are larger, ours would keep their room.
fn slice<T, U>(items: Vec<T>, make: impl FnMut(T) -> U) -> Box<[U]> {
    let mut slice = Vec::with_capacity(items.len());
    slice.extend(items.into_iter().map(make));
    slice.into_boxed_slice()
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

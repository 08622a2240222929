//! What a file binds to `upgrade` and `downgrade`.

use diagnostics::Span;
use python::{Expr, ExprKind, Function, Module, Stmt, StmtKind};

/// One of the two ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FunctionKind {
    /// `upgrade`
    Upgrade,
    /// `downgrade`
    Downgrade,
}

impl FunctionKind {
    /// The name of the function.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Upgrade => "upgrade",
            Self::Downgrade => "downgrade",
        }
    }
}

/// What a name that Alembic calls is bound to.
#[derive(Clone, Debug)]
pub enum Body<'a> {
    /// Nothing: Alembic fails when it comes to this step.
    Missing,
    /// An import, an assignment or a conditional definition: only a run would tell what it does.
    Elsewhere(Span),
    /// The functions that run: one, or in the multidb layout one per database.
    Functions(Vec<&'a Function>),
}

impl<'a> Body<'a> {
    /// The functions that run; none where missing or defined elsewhere.
    pub fn functions(&self) -> &[&'a Function] {
        match self {
            Self::Functions(functions) => functions,
            _ => &[],
        }
    }

    /// Whether nothing is bound to the name.
    pub const fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }
}

/// Which statements of a module [`Body`] is made of, found once.
#[derive(Clone, Debug, Default)]
pub(crate) enum Bound {
    #[default]
    Missing,
    Elsewhere(Span),
    /// Numbers of function definitions at the top level.
    Functions(Box<[usize]>),
}

impl Bound {
    pub(crate) fn find(module: &Module, kind: FunctionKind) -> Self {
        let name = kind.name();
        let Some(at) = module.body.iter().rposition(|statement| binds(statement, name)) else {
            return Self::Missing;
        };
        let statement = &module.body[at];
        let StmtKind::Function(function) = &statement.kind else {
            return Self::Elsewhere(statement.span);
        };
        if !dispatches(function) {
            return Self::Functions(Box::new([at]));
        }
        let prefix = format!("{name}_");
        let of_engine = |statement: &Stmt| match &statement.kind {
            StmtKind::Function(function) => function.name.starts_with(&prefix),
            _ => false,
        };
        let functions = module.body.iter().enumerate().filter(|(_, one)| of_engine(one));
        Self::Functions(functions.map(|(at, _)| at).collect())
    }

    /// What it is in `module`, in which it was found.
    pub(crate) fn body<'a>(&self, module: &'a Module) -> Body<'a> {
        let function = |at: &usize| match &module.body.get(*at)?.kind {
            StmtKind::Function(function) => Some(&**function),
            _ => None,
        };
        match self {
            Self::Missing => Body::Missing,
            Self::Elsewhere(span) => Body::Elsewhere(*span),
            Self::Functions(at) => Body::Functions(at.iter().filter_map(function).collect()),
        }
    }
}

/// Whether `statement` may bind `name` at the top level of the module.
fn binds(statement: &Stmt, name: &str) -> bool {
    let is_name = |target: &Expr| matches!(&target.kind, ExprKind::Name(bound) if bound == name);
    let any = |body: &[Stmt]| body.iter().any(|inner| binds(inner, name));
    match &statement.kind {
        StmtKind::Function(function) => function.name == name,
        StmtKind::Class(class) => class.name == name,
        StmtKind::Assign(assign) => assign.targets.iter().any(is_name),
        StmtKind::AnnAssign(assign) => assign.value.is_some() && is_name(&assign.target),
        StmtKind::ImportFrom(import) => import
            .names
            .iter()
            .any(|alias| alias.name == "*" || alias.asname.as_ref().unwrap_or(&alias.name) == name),
        StmtKind::Import(aliases) => {
            aliases.iter().any(|alias| alias.asname.as_ref().unwrap_or(&alias.name) == name)
        }
        StmtKind::If(branch) => any(&branch.body) || any(&branch.orelse),
        StmtKind::Try(tried) => {
            any(&tried.body)
                || any(&tried.orelse)
                || any(&tried.finally)
                || tried.handlers.iter().any(|handler| any(&handler.body))
        }
        StmtKind::With(with) => any(&with.body),
        StmtKind::For(looped) => any(&looped.body) || any(&looped.orelse),
        StmtKind::While(looped) => any(&looped.body) || any(&looped.orelse),
        StmtKind::Match(matched) => matched.cases.iter().any(|case| any(&case.body)),
        _ => false,
    }
}

/// Whether the body is the one call of Alembic's multidb template:
/// `globals()["upgrade_%s" % engine_name]()`.
fn dispatches(function: &Function) -> bool {
    function.body.iter().any(|statement| {
        let StmtKind::Expr(expression) = &statement.kind else { return false };
        let ExprKind::Call(call) = &expression.kind else { return false };
        let ExprKind::Subscript(subscript) = &call.callee.kind else { return false };
        let ExprKind::Call(globals) = &subscript.value.kind else { return false };
        matches!(&globals.callee.kind, ExprKind::Name(name) if name == "globals")
    })
}

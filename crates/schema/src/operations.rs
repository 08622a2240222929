//! The operations that a function holds, in the order in which they are written.

use diagnostics::Span;
use python::{
    Call, Expr, ExprKind, Function, Module, Name, Stmt, StmtKind, Visitor, With, walk_body,
    walk_expr, walk_stmt,
};

use crate::Kind;
use crate::roles::{Role, Roles, is_harmless, is_sqlalchemy};

/// What a function does, as far as its text says.
#[derive(Debug)]
pub struct Script<'a> {
    /// The operations, in the order in which they are written, those of helpers where they are
    /// called.
    pub operations: Vec<Operation<'a>>,
    /// The `with` statements around operations.
    pub blocks: Vec<Block<'a>>,
    /// Calls that may do anything to the database.
    pub opaque: Vec<Opaque>,
    pub(crate) roles: Roles<'a>,
}

/// One operation.
#[derive(Debug)]
pub struct Operation<'a> {
    /// Which.
    pub kind: Kind,
    /// The call.
    pub call: &'a Call,
    /// Where the call stands.
    pub span: Span,
    /// The innermost `with` statement around it, by its index in [`Script::blocks`].
    pub block: Option<usize>,
    /// The batch block whose table it changes.
    pub batch: Option<usize>,
    /// How the run of the function comes to it.
    pub road: Road,
    /// Whether it is called on the connection rather than on `op`.
    pub is_on_connection: bool,
}

/// How the run of a function comes to an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Road {
    /// It stands in the function itself, and runs always and once.
    Straight,
    /// It stands in a function of the file that is called, and runs always.
    Helper,
    /// It runs under a condition, or after a conditional return.
    Condition,
    /// It runs in a loop.
    Loop,
}

/// A `with` statement around operations.
#[derive(Debug)]
pub struct Block<'a> {
    /// Which.
    pub kind: BlockKind<'a>,
    /// The statement.
    pub with: &'a With,
    /// Where the statement stands.
    pub span: Span,
    /// The block around it.
    pub parent: Option<usize>,
}

/// What a `with` statement does.
#[derive(Clone, Copy, Debug)]
pub enum BlockKind<'a> {
    /// `with op.batch_alter_table(…) as batch_op`.
    Batch(&'a Call),
    /// `with op.get_context().autocommit_block()`.
    Autocommit,
    /// Anything else.
    Other,
}

/// A call that may do anything to the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opaque {
    /// The call.
    pub span: Span,
    /// How the run comes to it.
    pub road: Road,
}

impl<'a> Script<'a> {
    /// Reads `function` of `module`. Needs a stack like [`python::parse`].
    pub fn read(module: &'a Module, function: &'a Function) -> Self {
        let mut roles = Roles::of(module);
        roles.bind_parameters(&function.parameters);
        let mut reader = Reader {
            module,
            script: Script {
                operations: Vec::new(),
                blocks: Vec::new(),
                opaque: Vec::new(),
                roles,
            },
            road: if function.decorators.is_empty() { Road::Straight } else { Road::Condition },
            block: None,
            is_argument: false,
            helpers: Vec::new(),
            expansions: 0,
            local_functions: Vec::new(),
        };
        reader.body(&function.body);
        reader.script
    }

    /// The names that the imports of the file bind.
    pub fn names(&self) -> &crate::Names {
        &self.roles.names
    }

    /// The block of the batch operation, `None` outside of batch mode.
    pub fn batch(&self, operation: &Operation<'a>) -> Option<&Block<'a>> {
        operation.batch.map(|index| &self.blocks[index])
    }

    /// The expression that names the table of an operation, in batch mode that of the block.
    pub fn table(&self, operation: &Operation<'a>) -> Option<&'a Expr> {
        if let Some(block) = self.batch(operation) {
            let BlockKind::Batch(call) = block.kind else { return None };
            return call.arguments.first().or_else(|| keyword(call, "table_name"));
        }
        let name = match operation.kind {
            Kind::CreateForeignKey => "source_table",
            Kind::RenameTable => "old_table_name",
            _ => "table_name",
        };
        operation.argument(name)
    }

    /// The SQL that an `Execute` runs, with a word in the place of what is not written out.
    pub fn sql(&self, operation: &Operation<'a>) -> Option<String> {
        if operation.kind != Kind::Execute {
            return None;
        }
        self.roles.text(operation.statement()?)
    }
}

impl<'a> Operation<'a> {
    /// The argument for a parameter of the operation, by position or by name.
    pub fn argument(&self, parameter: &str) -> Option<&'a Expr> {
        if let Some(value) = keyword(self.call, parameter) {
            return Some(value);
        }
        let index = self.positional().position(|name| name == parameter)?;
        let before = self.call.arguments.get(..=index)?;
        let is_starred = before.iter().any(|value| matches!(value.kind, ExprKind::Starred(_)));
        (!is_starred).then(|| &self.call.arguments[index])
    }

    /// The positional arguments after those of the signature: the columns of `create_table`.
    pub fn rest(&self) -> &'a [Expr] {
        self.call.arguments.get(self.positional().count()..).unwrap_or_default()
    }

    /// Whether `*args` or `**kwargs` hide some of the arguments.
    pub fn has_hidden_arguments(&self) -> bool {
        self.call.keywords.iter().any(|keyword| keyword.name.is_none())
            || self.call.arguments.iter().any(|value| matches!(value.kind, ExprKind::Starred(_)))
    }

    /// Whether the operation runs whenever the function comes to its end.
    pub fn is_certain(&self) -> bool {
        self.road <= Road::Helper
    }

    /// What an `Execute` runs, whichever name its caller gives it.
    pub fn statement(&self) -> Option<&'a Expr> {
        self.call.arguments.first().or_else(|| {
            ["sqltext", "statement", "object_", "clause"]
                .iter()
                .find_map(|name| keyword(self.call, name))
        })
    }

    fn positional(&self) -> impl Iterator<Item = &'static str> {
        let is_batch = self.batch.is_some();
        self.kind
            .positional()
            .iter()
            .copied()
            .filter(move |name| !(is_batch && matches!(*name, "table_name" | "source_table")))
    }
}

impl Road {
    fn under(self, other: Self) -> Self {
        self.max(other)
    }
}

/// The value of a keyword argument.
pub(crate) fn keyword<'a>(call: &'a Call, name: &str) -> Option<&'a Expr> {
    let is_it = |keyword: &&python::Keyword| keyword.name.as_deref() == Some(name);
    call.keywords.iter().find(is_it).map(|keyword| &keyword.value)
}

/// How deeply functions of the file are followed, and how many calls of them in all.
const DEEPEST_HELPER: usize = 8;
const MOST_EXPANSIONS: usize = 64;

struct Reader<'a> {
    module: &'a Module,
    script: Script<'a>,
    road: Road,
    block: Option<usize>,
    /// Whether the arguments of an operation are being read: calls there make values.
    is_argument: bool,
    /// The helpers that are being read, outermost first.
    helpers: Vec<&'a str>,
    expansions: usize,
    local_functions: Vec<(&'a Name, &'a Function)>,
}

impl<'a> Visitor<'a> for Reader<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match &stmt.kind {
            StmtKind::Function(function) => self.local_functions.push((&function.name, function)),
            StmtKind::Class(_) => {}
            StmtKind::Assign(assign) => {
                walk_stmt(self, stmt);
                self.script.roles.assign(assign);
            }
            StmtKind::AnnAssign(assign) => {
                walk_stmt(self, stmt);
                if let Some(value) = &assign.value {
                    let role = self.script.roles.role(value);
                    self.script.roles.bind(&assign.target, role);
                }
            }
            StmtKind::If(branch) => {
                self.visit_expr(&branch.test);
                self.on(Road::Condition, |reader| {
                    reader.body(&branch.body);
                    reader.body(&branch.orelse);
                });
            }
            StmtKind::For(_) | StmtKind::While(_) => {
                self.on(Road::Loop, |reader| walk_stmt(reader, stmt));
            }
            StmtKind::Try(_) | StmtKind::Match(_) => {
                self.on(Road::Condition, |reader| walk_stmt(reader, stmt));
            }
            StmtKind::With(with) => self.with(stmt.span, with),
            _ => walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match &expr.kind {
            ExprKind::Call(call) => {
                let before = self.is_argument;
                self.is_argument |= self.is_operation(call);
                walk_expr(self, expr);
                self.is_argument = before;
                self.call(expr.span, call);
            }
            ExprKind::Comprehension(_) => self.on(Road::Loop, |within| walk_expr(within, expr)),
            ExprKind::Lambda(_) | ExprKind::Conditional(_) | ExprKind::Logical(_) => {
                self.on(Road::Condition, |within| walk_expr(within, expr));
            }
            _ => walk_expr(self, expr),
        }
    }
}

impl<'a> Reader<'a> {
    fn on(&mut self, road: Road, work: impl FnOnce(&mut Self)) {
        let before = self.road;
        self.road = before.under(road);
        work(self);
        self.road = before;
    }

    /// Reads statements; what follows one that may return runs only where it did not.
    fn body(&mut self, body: &'a [Stmt]) {
        let before = self.road;
        for statement in body {
            self.visit_stmt(statement);
            if may_return(statement) {
                self.road = self.road.under(Road::Condition);
            }
        }
        self.road = before;
    }

    fn with(&mut self, span: Span, with: &'a With) {
        let mut kind = BlockKind::Other;
        let index = self.script.blocks.len();
        for item in &with.items {
            self.visit_expr(&item.context);
            let mut role = self.script.roles.role(&item.context);
            if let ExprKind::Call(call) = &item.context.kind {
                let path = self.script.roles.path(&call.callee);
                if path.as_deref() == Some("alembic.op.batch_alter_table") {
                    kind = BlockKind::Batch(call);
                    role = Some(Role::Batch(index));
                } else if calls(call, "autocommit_block") {
                    kind = BlockKind::Autocommit;
                }
            }
            if let Some(target) = &item.target {
                self.script.roles.bind(target, role);
            }
        }
        if with.items.len() != 1 && !matches!(kind, BlockKind::Batch(_)) {
            kind = BlockKind::Other;
        }
        self.script.blocks.push(Block { kind, with, span, parent: self.block });
        let before = self.block.replace(index);
        self.body(&with.body);
        self.block = before;
    }

    /// Whether a call is one of `op`, or of a batch.
    fn is_operation(&self, call: &'a Call) -> bool {
        let ExprKind::Attribute(attribute) = &call.callee.kind else { return false };
        matches!(self.script.roles.role(&attribute.value), Some(Role::Operations | Role::Batch(_)))
    }

    fn call(&mut self, span: Span, call: &'a Call) {
        if let Some(path) = self.script.roles.path(&call.callee) {
            self.call_of_path(span, call, &path);
            return;
        }
        match &call.callee.kind {
            ExprKind::Name(name) => match self.function(name) {
                Some(function) => self.helper(span, name, function),
                None => self.opaque_if_handed_over(span, call),
            },
            ExprKind::Attribute(attribute) => self.method(span, call, attribute),
            _ => self.opaque_if_handed_over(span, call),
        }
    }

    fn call_of_path(&mut self, span: Span, call: &'a Call, path: &str) {
        if let Some(function) = path.strip_prefix("alembic.op.") {
            if let Some(kind) = Kind::of_function(function) {
                self.push(kind, call, span, None, false);
            }
            return;
        }
        let is_harmless = is_harmless(path);
        if !is_harmless && self.is_argument {
            self.opaque_if_handed_over(span, call);
        } else if !is_harmless {
            self.opaque(span);
        } else if is_sqlalchemy(path) && path.ends_with("_all") {
            self.opaque_if_handed_over(span, call);
        }
    }

    fn method(&mut self, span: Span, call: &'a Call, attribute: &'a python::Attribute) {
        let name = attribute.name.as_str();
        match self.script.roles.role(&attribute.value) {
            Some(Role::Operations) => {}
            Some(Role::Batch(block)) => {
                if let Some(kind) = Kind::of_function(name) {
                    self.push(kind, call, span, Some(block), false);
                }
            }
            Some(Role::Bind | Role::Context | Role::Session)
                if matches!(name, "execute" | "exec_driver_sql" | "scalar" | "scalars") =>
            {
                self.push(Kind::Execute, call, span, None, true);
            }
            Some(Role::Session) => self.push(Kind::Session, call, span, None, true),
            Some(Role::Enum(_)) if name == "create" => {
                self.push(Kind::CreateEnum, call, span, None, true);
            }
            Some(Role::Enum(_)) if name == "drop" => {
                self.push(Kind::DropEnum, call, span, None, true);
            }
            Some(Role::Bind) if name == "run_callable" => self.opaque(span),
            Some(Role::Foreign) if !self.is_argument => self.opaque(span),
            Some(
                Role::Bind
                | Role::Context
                | Role::Inspector
                | Role::Rows
                | Role::Text(_)
                | Role::Enum(_)
                | Role::Table,
            ) if !matches!(name, "create" | "drop") => {}
            _ => self.opaque_if_handed_over(span, call),
        }
    }

    fn push(
        &mut self,
        kind: Kind,
        call: &'a Call,
        span: Span,
        batch: Option<usize>,
        is_on_connection: bool,
    ) {
        let (block, road) = (self.block, self.road);
        self.script.operations.push(Operation {
            kind,
            call,
            span,
            block,
            batch,
            road,
            is_on_connection,
        });
    }

    fn opaque(&mut self, span: Span) {
        self.script.opaque.push(Opaque { span, road: self.road });
    }

    /// A call that is handed `op`, the connection or a session may do anything with it.
    fn opaque_if_handed_over(&mut self, span: Span, call: &'a Call) {
        let values =
            call.arguments.iter().chain(call.keywords.iter().map(|keyword| &keyword.value));
        let is_handed = values.into_iter().any(|value| {
            matches!(
                self.script.roles.role(value),
                Some(
                    Role::Operations | Role::Batch(_) | Role::Bind | Role::Session | Role::Context
                )
            )
        });
        if is_handed {
            self.opaque(span);
        }
    }

    /// The function of the file that `name` stands for.
    fn function(&self, name: &str) -> Option<&'a Function> {
        let local = self.local_functions.iter().rev().find(|(known, _)| *known == name);
        local.map(|(_, function)| *function).or_else(|| {
            self.module.body.iter().rev().find_map(|statement| match &statement.kind {
                StmtKind::Function(function) if function.name == name => Some(&**function),
                _ => None,
            })
        })
    }

    /// Reads a function of the file where it is called.
    fn helper(&mut self, span: Span, name: &'a Name, function: &'a Function) {
        self.expansions += 1;
        let is_known = self.helpers.contains(&name.as_str());
        if is_known || self.helpers.len() >= DEEPEST_HELPER || self.expansions > MOST_EXPANSIONS {
            self.opaque(span);
            return;
        }
        self.helpers.push(name);
        self.script.roles.bind_parameters(&function.parameters);
        let is_decorated = !function.decorators.is_empty();
        let road = if is_decorated { Road::Condition } else { Road::Helper };
        self.on(road, |reader| reader.body(&function.body));
        self.helpers.pop();
    }
}

fn calls(call: &Call, method: &str) -> bool {
    matches!(&call.callee.kind, ExprKind::Attribute(attribute) if attribute.name == method)
}

/// Whether the function may end within `statement`. A raise does not count: where it happens, the
/// migration fails and nothing of it stands.
fn may_return(statement: &Stmt) -> bool {
    struct Returns(bool);
    impl<'a> Visitor<'a> for Returns {
        fn visit_stmt(&mut self, stmt: &'a Stmt) {
            match &stmt.kind {
                StmtKind::Return(_) => self.0 = true,
                StmtKind::Function(_) | StmtKind::Class(_) => {}
                _ => walk_stmt(self, stmt),
            }
        }

        fn visit_expr(&mut self, _: &'a Expr) {}
    }
    let mut returns = Returns(false);
    walk_body(&mut returns, std::slice::from_ref(statement));
    returns.0
}

#[cfg(test)]
#[path = "operations_tests.rs"]
mod tests;

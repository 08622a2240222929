//! What undoes a function, as source text: each operation reversed, in reverse order.

use std::collections::BTreeSet;

use diagnostics::Span;
use python::{Expr, ExprKind, Function, Module, Name, Stmt, StmtKind, Visitor, walk_expr};

use crate::operations::keyword;
use crate::undo::Undo;
use crate::{Block, BlockKind, Kind, Operation, Road, Script};

/// How the inverse is written.
#[derive(Clone, Copy)]
pub struct Style<'s> {
    /// The text of the file.
    pub text: &'s str,
    /// The quote that the file writes strings with.
    pub quote: char,
    /// One level of indentation.
    pub indent: &'s str,
    /// Whether the enum type of this name belongs to this revision alone, so that undoing the
    /// revision drops it.
    pub owns_enum: &'s dyn Fn(&str) -> bool,
}

/// Why a function cannot be undone by the text alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What stands in the way.
    pub span: Span,
    /// Why: a clause without quotes, lower case, no full stop.
    pub reason: String,
}

/// The statements that undo `function`, whose operations `script` holds: lines without the
/// indentation of a function's body. None where there is nothing to undo.
pub fn inverse<'a>(
    script: &Script<'a>,
    module: &'a Module,
    function: &'a Function,
    style: &Style<'_>,
) -> Result<Vec<String>, Refusal> {
    if let Some(opaque) = script.opaque.first() {
        let call = opaque.span.of(style.text);
        let callee = call.split('(').next().unwrap_or_default().trim();
        let is_name = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '.');
        return if callee.chars().all(is_name) {
            refuse(opaque.span, format!("`{callee}` may do anything to the database"))
        } else {
            refuse(opaque.span, "a call may do anything to the database")
        };
    }
    let globals = Globals::of(module, function);
    let mut lines = Vec::new();
    let mut open: Option<usize> = None;
    for operation in script.operations.iter().rev() {
        check_road(script, operation)?;
        let undo = Undo { script, operation, style, globals: &globals };
        let Some(call) = undo.call()? else { continue };
        if operation.block != open
            && let Some(index) = operation.block
        {
            lines.push(header(&script.blocks[index], &globals, style)?);
        }
        open = operation.block;
        let depth = usize::from(open.is_some());
        lines.extend(call.lines(depth, style.indent));
    }
    let enums = crate::undo::enum_drops(script, style)?;
    lines.extend(enums);
    Ok(lines)
}

pub(crate) fn refuse<T>(span: Span, reason: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal { span, reason: reason.into() })
}

fn check_road(script: &Script<'_>, operation: &Operation<'_>) -> Result<(), Refusal> {
    let function = operation.kind.function();
    let reason = match operation.road {
        Road::Straight => {
            let Some(index) = operation.block else { return Ok(()) };
            let block = &script.blocks[index];
            let is_batch = matches!(block.kind, BlockKind::Batch(_));
            if block.parent.is_some() || matches!(block.kind, BlockKind::Other) {
                "within a `with` statement whose effect is not known"
            } else if is_batch != operation.batch.is_some() {
                "within the batch of a table, but not as a part of it"
            } else {
                return Ok(());
            }
        }
        Road::Helper => "in a function of its own",
        Road::Condition => "under a condition",
        Road::Loop => "in a loop",
    };
    refuse(operation.span, format!("`{function}` runs {reason}"))
}

/// The first line of the `with` statement around undone operations.
fn header(block: &Block<'_>, globals: &Globals<'_>, style: &Style<'_>) -> Result<String, Refusal> {
    let [item] = &*block.with.items else {
        return refuse(block.span, "a `with` statement has several items");
    };
    if !globals.can_spell(&item.context) {
        return refuse(item.context.span, "the batch is made of values of `upgrade()`");
    }
    let context = style.text_of(&item.context);
    Ok(match &item.target {
        Some(target) => format!("with {context} as {}:", style.text_of(target)),
        None => format!("with {context}:"),
    })
}

impl Style<'_> {
    pub(crate) fn text_of(&self, expression: &Expr) -> String {
        expression.span.of(self.text).replace("\r\n", "\n")
    }

    pub(crate) fn quoted(&self, text: &str) -> String {
        format!("{0}{text}{0}", self.quote)
    }
}

/// The names that a `downgrade()` beside `upgrade()` can use.
pub(crate) struct Globals<'a> {
    names: BTreeSet<&'a str>,
}

impl<'a> Globals<'a> {
    fn of(module: &'a Module, function: &'a Function) -> Self {
        let mut names = BTreeSet::new();
        for statement in &module.body {
            bound(statement, &mut names);
        }
        names.extend(function.parameters.positional.iter().map(|parameter| &*parameter.name));
        Self { names }
    }

    /// Whether `expression` means the same in another function of the file.
    pub(crate) fn can_spell(&self, expression: &Expr) -> bool {
        self.can_spell_with(expression, None)
    }

    /// The same, where the name of a batch block is bound too.
    pub(crate) fn can_spell_with(&self, expression: &Expr, batch: Option<&Name>) -> bool {
        let mut check = Spelled { globals: self, batch, is_ok: true };
        check.visit_expr(expression);
        check.is_ok
    }
}

struct Spelled<'g, 'a> {
    globals: &'g Globals<'a>,
    batch: Option<&'g Name>,
    is_ok: bool,
}

impl<'a> Visitor<'a> for Spelled<'_, '_> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        match &expr.kind {
            ExprKind::Name(name) => {
                self.is_ok &= self.globals.names.contains(name.as_str())
                    || self.batch.is_some_and(|batch| batch == name);
            }
            ExprKind::Lambda(_)
            | ExprKind::Comprehension(_)
            | ExprKind::Walrus(_)
            | ExprKind::Await(_)
            | ExprKind::Yield(_)
            | ExprKind::YieldFrom(_)
            | ExprKind::Starred(_) => self.is_ok = false,
            _ => walk_expr(self, expr),
        }
    }
}

/// The names that a statement at the top level of a file surely binds.
fn bound<'a>(statement: &'a Stmt, names: &mut BTreeSet<&'a str>) {
    let mut target = |target: &'a Expr| {
        if let ExprKind::Name(name) = &target.kind {
            names.insert(name);
        }
    };
    match &statement.kind {
        StmtKind::Assign(assign) => assign.targets.iter().for_each(target),
        StmtKind::AnnAssign(assign) if assign.value.is_some() => target(&assign.target),
        StmtKind::Function(function) => drop(names.insert(&function.name)),
        StmtKind::Class(class) => drop(names.insert(&class.name)),
        StmtKind::Import(aliases) => names.extend(aliases.iter().map(|alias| {
            let top = || alias.name.split('.').next().unwrap_or_default();
            alias.asname.as_deref().unwrap_or_else(top)
        })),
        StmtKind::ImportFrom(import) => names.extend(
            import.names.iter().map(|alias| alias.asname.as_deref().unwrap_or(&alias.name)),
        ),
        _ => {}
    }
}

/// The literal name of an enum type that a call makes.
pub(crate) fn enum_name(call: &python::Call) -> Option<&str> {
    match &keyword(call, "name")?.kind {
        ExprKind::Str(name) => Some(name),
        _ => None,
    }
}

/// Whether an operation of this kind creates what can be dropped by its name.
pub(crate) const fn is_named_constraint(kind: &Kind) -> bool {
    kind.constraint_type().is_some() || matches!(kind, Kind::CreateExcludeConstraint)
}

#[cfg(test)]
#[path = "inverse_tests.rs"]
mod tests;

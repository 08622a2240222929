//! Walking the tree: every child of every node, in the order in which Python's `ast` has them.
//!
//! The nesting of what a reader gives is capped, so walking it by recursion is safe on the stack
//! that [`crate::parse()`] asks for.

use crate::tree::{
    Case, Comprehension, Expr, ExprKind, FStringPart, Function, Handler, Keyword, Module,
    Parameter, Parameters, Slice, Stmt, StmtKind, Try, TypeParameter,
};

/// What is done at each statement and expression; by default, the walk goes on into it.
///
/// A method that is overridden decides whether it calls [`walk_stmt`] or [`walk_expr`] to go on.
/// `'a` is the life of the tree, so a visitor may keep what it meets.
pub trait Visitor<'a> {
    /// Called for every statement, before those within it.
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        walk_stmt(self, stmt);
    }

    /// Called for every expression, before those within it.
    fn visit_expr(&mut self, expr: &'a Expr) {
        walk_expr(self, expr);
    }
}

/// Visits all statements of a file.
pub fn walk_module<'a>(visitor: &mut (impl Visitor<'a> + ?Sized), module: &'a Module) {
    walk_body(visitor, &module.body);
}

/// Visits each of `body`, in order.
pub fn walk_body<'a>(visitor: &mut (impl Visitor<'a> + ?Sized), body: &'a [Stmt]) {
    for stmt in body {
        visitor.visit_stmt(stmt);
    }
}

/// Visits what stands directly within `stmt`: its expressions and the statements of its blocks.
pub fn walk_stmt<'a>(visitor: &mut (impl Visitor<'a> + ?Sized), stmt: &'a Stmt) {
    match &stmt.kind {
        StmtKind::Function(function) => walk_function(visitor, function),
        StmtKind::Class(class) => {
            walk_exprs(visitor, &class.decorators);
            walk_type_parameters(visitor, &class.type_parameters);
            walk_exprs(visitor, &class.bases);
            walk_keywords(visitor, &class.keywords);
            walk_body(visitor, &class.body);
        }
        StmtKind::Return(value) => walk_optional(visitor, value.as_deref()),
        StmtKind::Delete(targets) => walk_exprs(visitor, targets),
        StmtKind::Assign(assign) => {
            walk_exprs(visitor, &assign.targets);
            visitor.visit_expr(&assign.value);
        }
        StmtKind::AugAssign(assign) => {
            visitor.visit_expr(&assign.target);
            visitor.visit_expr(&assign.value);
        }
        StmtKind::AnnAssign(assign) => {
            visitor.visit_expr(&assign.target);
            visitor.visit_expr(&assign.annotation);
            walk_optional(visitor, assign.value.as_ref());
        }
        StmtKind::TypeAlias(alias) => {
            visitor.visit_expr(&alias.name);
            walk_type_parameters(visitor, &alias.type_parameters);
            visitor.visit_expr(&alias.value);
        }
        StmtKind::Expr(value) => visitor.visit_expr(value),
        StmtKind::Raise(raise) => {
            walk_optional(visitor, raise.exception.as_ref());
            walk_optional(visitor, raise.cause.as_ref());
        }
        StmtKind::Assert(assert) => {
            visitor.visit_expr(&assert.test);
            walk_optional(visitor, assert.message.as_ref());
        }
        StmtKind::For(_)
        | StmtKind::While(_)
        | StmtKind::If(_)
        | StmtKind::With(_)
        | StmtKind::Match(_)
        | StmtKind::Try(_) => walk_compound(visitor, &stmt.kind),
        StmtKind::Import(_)
        | StmtKind::ImportFrom(_)
        | StmtKind::Global(_)
        | StmtKind::Nonlocal(_)
        | StmtKind::Pass
        | StmtKind::Break
        | StmtKind::Continue => {}
    }
}

/// Visits what stands directly within `expr`.
pub fn walk_expr<'a>(visitor: &mut (impl Visitor<'a> + ?Sized), expr: &'a Expr) {
    match &expr.kind {
        ExprKind::None
        | ExprKind::Ellipsis
        | ExprKind::Bool(_)
        | ExprKind::Int(_)
        | ExprKind::BigInt
        | ExprKind::Float(_)
        | ExprKind::Imaginary(_)
        | ExprKind::Str(_)
        | ExprKind::Bytes(_)
        | ExprKind::Name(_) => {}
        ExprKind::FString(parts) | ExprKind::TString(parts) => walk_parts(visitor, parts),
        ExprKind::Attribute(attribute) => visitor.visit_expr(&attribute.value),
        ExprKind::Subscript(subscript) => {
            visitor.visit_expr(&subscript.value);
            visitor.visit_expr(&subscript.index);
        }
        ExprKind::Call(call) => {
            visitor.visit_expr(&call.callee);
            walk_exprs(visitor, &call.arguments);
            walk_keywords(visitor, &call.keywords);
        }
        ExprKind::Starred(value) | ExprKind::Await(value) | ExprKind::YieldFrom(value) => {
            visitor.visit_expr(value);
        }
        ExprKind::Yield(value) => walk_optional(visitor, value.as_deref()),
        ExprKind::Tuple(items) | ExprKind::List(items) | ExprKind::Set(items) => {
            walk_exprs(visitor, items);
        }
        ExprKind::Dict(items) => {
            for item in items {
                walk_optional(visitor, item.key.as_ref());
                visitor.visit_expr(&item.value);
            }
        }
        ExprKind::Binary(binary) => {
            visitor.visit_expr(&binary.left);
            visitor.visit_expr(&binary.right);
        }
        ExprKind::Unary(unary) => visitor.visit_expr(&unary.operand),
        ExprKind::Logical(logical) => walk_exprs(visitor, &logical.operands),
        ExprKind::Compare(compare) => {
            visitor.visit_expr(&compare.first);
            for (_, operand) in &compare.rest {
                visitor.visit_expr(operand);
            }
        }
        ExprKind::Conditional(conditional) => {
            visitor.visit_expr(&conditional.test);
            visitor.visit_expr(&conditional.body);
            visitor.visit_expr(&conditional.orelse);
        }
        ExprKind::Lambda(lambda) => {
            walk_parameters(visitor, &lambda.parameters);
            visitor.visit_expr(&lambda.body);
        }
        ExprKind::Comprehension(comprehension) => walk_comprehension(visitor, comprehension),
        ExprKind::Walrus(walrus) => {
            visitor.visit_expr(&walrus.target);
            visitor.visit_expr(&walrus.value);
        }
        ExprKind::Slice(slice) => {
            let Slice { lower, upper, step } = &**slice;
            for part in [lower, upper, step] {
                walk_optional(visitor, part.as_ref());
            }
        }
    }
}

fn walk_compound<'a>(visitor: &mut (impl Visitor<'a> + ?Sized), kind: &'a StmtKind) {
    match kind {
        StmtKind::For(each) => {
            visitor.visit_expr(&each.target);
            visitor.visit_expr(&each.iterable);
            walk_body(visitor, &each.body);
            walk_body(visitor, &each.orelse);
        }
        StmtKind::While(each) => {
            visitor.visit_expr(&each.test);
            walk_body(visitor, &each.body);
            walk_body(visitor, &each.orelse);
        }
        StmtKind::If(branch) => {
            visitor.visit_expr(&branch.test);
            walk_body(visitor, &branch.body);
            walk_body(visitor, &branch.orelse);
        }
        StmtKind::With(with) => {
            for item in &with.items {
                visitor.visit_expr(&item.context);
                walk_optional(visitor, item.target.as_ref());
            }
            walk_body(visitor, &with.body);
        }
        StmtKind::Match(matched) => {
            visitor.visit_expr(&matched.subject);
            for Case { values, guard, body, .. } in &matched.cases {
                walk_exprs(visitor, values);
                walk_optional(visitor, guard.as_ref());
                walk_body(visitor, body);
            }
        }
        StmtKind::Try(tried) => {
            let Try { body, handlers, orelse, finally, .. } = &**tried;
            walk_body(visitor, body);
            for Handler { class, body, .. } in handlers {
                walk_optional(visitor, class.as_ref());
                walk_body(visitor, body);
            }
            walk_body(visitor, orelse);
            walk_body(visitor, finally);
        }
        _ => {}
    }
}

fn walk_function<'a>(visitor: &mut (impl Visitor<'a> + ?Sized), function: &'a Function) {
    walk_exprs(visitor, &function.decorators);
    walk_type_parameters(visitor, &function.type_parameters);
    walk_parameters(visitor, &function.parameters);
    walk_optional(visitor, function.returns.as_deref());
    walk_body(visitor, &function.body);
}

fn walk_parameters<'a>(visitor: &mut (impl Visitor<'a> + ?Sized), parameters: &'a Parameters) {
    let Parameters { positional, positional_only: _, var_positional, keyword_only, var_keyword } =
        parameters;
    let all = positional
        .iter()
        .chain(var_positional.as_deref())
        .chain(keyword_only)
        .chain(var_keyword.as_deref());
    for Parameter { name: _, annotation, default } in all {
        walk_optional(visitor, annotation.as_deref());
        walk_optional(visitor, default.as_deref());
    }
}

fn walk_type_parameters<'a>(
    visitor: &mut (impl Visitor<'a> + ?Sized),
    parameters: &'a [TypeParameter],
) {
    for TypeParameter { name: _, bound, default } in parameters {
        walk_optional(visitor, bound.as_deref());
        walk_optional(visitor, default.as_deref());
    }
}

fn walk_comprehension<'a>(
    visitor: &mut (impl Visitor<'a> + ?Sized),
    comprehension: &'a Comprehension,
) {
    visitor.visit_expr(&comprehension.element);
    walk_optional(visitor, comprehension.value.as_ref());
    for clause in &comprehension.clauses {
        visitor.visit_expr(&clause.target);
        visitor.visit_expr(&clause.iterable);
        walk_exprs(visitor, &clause.conditions);
    }
}

fn walk_parts<'a>(visitor: &mut (impl Visitor<'a> + ?Sized), parts: &'a [FStringPart]) {
    for part in parts {
        if let FStringPart::Field(field) = part {
            visitor.visit_expr(&field.value);
            walk_parts(visitor, &field.spec);
        }
    }
}

fn walk_keywords<'a>(visitor: &mut (impl Visitor<'a> + ?Sized), keywords: &'a [Keyword]) {
    for keyword in keywords {
        visitor.visit_expr(&keyword.value);
    }
}

fn walk_exprs<'a>(visitor: &mut (impl Visitor<'a> + ?Sized), exprs: &'a [Expr]) {
    for expr in exprs {
        visitor.visit_expr(expr);
    }
}

fn walk_optional<'a>(visitor: &mut (impl Visitor<'a> + ?Sized), expr: Option<&'a Expr>) {
    if let Some(expr) = expr {
        visitor.visit_expr(expr);
    }
}

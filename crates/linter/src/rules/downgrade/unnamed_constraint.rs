//! `unnamed-constraint`

use diagnostics::{Edit, Fix, Level};
use project::TargetMetadata;
use python::{Expr, ExprKind, Function, Visitor, walk_body, walk_expr};
use schema::{BlockKind, Kind, Operation, Script};

use crate::rule::rule;
use crate::syntax::quote;
use crate::{Check, Finding, Fixes, Group, Reporter, RevisionView, Rule};

rule! {
    /// A constraint is dropped that has no name: `op.drop_constraint(None, …)`.
    ///
    /// ## Why it matters
    /// Autogenerate writes `None` where a constraint of the models has no name. Creating it works,
    /// as the database chooses a name. Dropping it does not: there is nothing to write after
    /// `DROP CONSTRAINT`, and Alembic stops with
    /// `Can't emit DROP CONSTRAINT for constraint …; it has no name`. With a naming convention in
    /// the models it goes on, but the columns of the constraint are not known here: it drops
    /// `fk_users_`, which no database has. Mostly it stands in `downgrade()`, where nobody finds
    /// out until it is needed.
    ///
    /// ## What to do
    /// Write the name that the constraint has in the database. For PostgreSQL, where the same
    /// revision creates the constraint, the fix writes the name that PostgreSQL gives it:
    /// `<table>_<column>_fkey`, `<table>_<columns>_key`, `<table>_pkey`. To be spared the question,
    /// give the models a naming convention: `MetaData(naming_convention={…})`.
    ///
    /// ## When it stays silent
    /// In a batch with a `naming_convention`; on primary keys, which a naming convention of the
    /// models can name.
    pub(crate) static UNNAMED_CONSTRAINT = Rule {
        name: "unnamed-constraint",
        group: Group::Downgrade,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::SafeOrUnsafe,
        summary: "`drop_constraint` without a name, which fails when it runs",
        check: Check::Revision(check),
    };
}

fn check(view: &RevisionView<'_>, report: &mut Reporter<'_>) {
    let revision = view.revision;
    if !revision.syntax_errors.is_empty() || !view.text().contains("drop_constraint") {
        return;
    }
    let (upgrade, downgrade) = (revision.upgrade(), revision.downgrade());
    for function in upgrade.functions().iter().chain(downgrade.functions()) {
        if !mentions_none(function) {
            continue;
        }
        let script = Script::read(&revision.module, function);
        for operation in script.operations.iter().filter(|operation| is_unnamed(&script, operation))
        {
            report.report(finding(view, &script, operation));
        }
    }
}

fn finding(view: &RevisionView<'_>, script: &Script<'_>, operation: &Operation<'_>) -> Finding {
    let place = view.revision.place(operation.span);
    let table = match script.table(operation).and_then(string) {
        Some(table) => format!(" of `{table}`"),
        None => String::new(),
    };
    let message =
        format!("a constraint{table} is dropped by the name `None`, which fails when it runs");
    let finding =
        Finding::at(place, message).help("write the name that the constraint has in the database");
    let upgrade = view.revision.upgrade();
    for function in upgrade.functions() {
        let made_by = Script::read(&view.revision.module, function);
        let Some(created) = created(&made_by, script, operation) else { continue };
        let finding = finding.related(
            view.revision.place(created.span),
            "the constraint is created here, without a name",
        );
        return match name(&made_by, created) {
            Some(name) => {
                let finding = finding.help(format!(
                    "write the name that the constraint has: on PostgreSQL `{name}`"
                ));
                finding.fix(fix(view, operation, &name))
            }
            None => finding,
        };
    }
    finding
}

/// Whether the operation drops a constraint by the name `None`, and nothing can give it one.
fn is_unnamed(script: &Script<'_>, operation: &Operation<'_>) -> bool {
    if operation.kind != Kind::DropConstraint || operation.has_hidden_arguments() {
        return false;
    }
    let is_none = |value: Option<&Expr>| value.is_some_and(|value| value.kind == ExprKind::None);
    if !is_none(operation.argument("constraint_name")) {
        return false;
    }
    match script.batch(operation).map(|block| block.kind) {
        Some(BlockKind::Batch(call)) => {
            let positional = 10;
            call.arguments.len() < positional
                && call.keywords.iter().all(|keyword| {
                    keyword.name.as_ref().is_some_and(|name| name != "naming_convention")
                })
        }
        _ => type_of(operation) != Some("primary"),
    }
}

fn type_of<'a>(operation: &Operation<'a>) -> Option<&'a str> {
    string(operation.argument("type_")?)
}

/// The one operation that creates, without a name, a constraint like the one dropped.
fn created<'m, 'a>(
    made_by: &'m Script<'a>,
    script: &Script<'_>,
    dropped: &Operation<'_>,
) -> Option<&'m Operation<'a>> {
    let table = string(script.table(dropped)?)?;
    let type_ = type_of(dropped)?;
    let mut like = made_by.operations.iter().filter(|operation| {
        operation.kind.constraint_type() == Some(type_)
            && operation.argument("constraint_name").is_some_and(|name| name.kind == ExprKind::None)
            && made_by.table(operation).and_then(string) == Some(table)
    });
    let first = like.next()?;
    like.next().is_none().then_some(first)
}

/// The name that `PostgreSQL` gives the constraint.
fn name(made_by: &Script<'_>, created: &Operation<'_>) -> Option<String> {
    let table = string(made_by.table(created)?)?;
    let columns = |parameter: &str| -> Option<Vec<&str>> {
        let (ExprKind::List(items) | ExprKind::Tuple(items)) = &created.argument(parameter)?.kind
        else {
            return None;
        };
        items.iter().map(string).collect()
    };
    match created.kind {
        Kind::CreateForeignKey => {
            Some(postgresql_name(table, &columns("local_cols")?.join("_"), "fkey"))
        }
        Kind::CreateUniqueConstraint => {
            Some(postgresql_name(table, &columns("columns")?.join("_"), "key"))
        }
        _ => None,
    }
}

fn fix(view: &RevisionView<'_>, operation: &Operation<'_>, name: &str) -> Option<Fix> {
    let dialects = &view.context.settings.dialects;
    let may_be_postgresql =
        dialects.is_empty() || dialects.iter().any(|dialect| dialect == "postgresql");
    if !may_be_postgresql {
        return None;
    }
    let none = operation.argument("constraint_name")?;
    let quote = quote(view.text());
    let edit = Edit::replace(view.revision.place(none.span), format!("{quote}{name}{quote}"));
    let title = format!("drop the constraint by the name `{name}` that PostgreSQL gives it");
    let is_sure = dialects.len() == 1 && !may_have_convention(view);
    Some(if is_sure { Fix::safe(title, vec![edit]) } else { Fix::risky(title, vec![edit]) })
}

/// Whether `env.py` may hand Alembic a `MetaData` with a naming convention.
fn may_have_convention(view: &RevisionView<'_>) -> bool {
    view.context.env.is_none_or(|env| {
        !matches!(
            project::target_metadata(&env.parsed.module),
            TargetMetadata::Absent | TargetMetadata::None
        )
    })
}

/// `<table>_<columns>_<label>` in at most 63 bytes, the longer of the first two cut first, as
/// `makeObjectName` of `PostgreSQL` does.
fn postgresql_name(table: &str, columns: &str, label: &str) -> String {
    let room = 63 - label.len() - 2;
    let (mut table_len, mut columns_len) = (table.len(), columns.len());
    while table_len + columns_len > room {
        if table_len > columns_len {
            table_len -= 1;
        } else {
            columns_len -= 1;
        }
    }
    let cut = |text: &str, length: usize| {
        let end = (0..=length).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
        text[..end].to_owned()
    };
    format!("{}_{}_{label}", cut(table, table_len), cut(columns, columns_len))
}

fn string(expression: &Expr) -> Option<&str> {
    match &expression.kind {
        ExprKind::Str(text) => Some(text),
        _ => None,
    }
}

fn mentions_none(function: &Function) -> bool {
    struct Nones(bool);
    impl<'a> Visitor<'a> for Nones {
        fn visit_expr(&mut self, expr: &'a Expr) {
            self.0 |= expr.kind == ExprKind::None;
            walk_expr(self, expr);
        }
    }
    let mut nones = Nones(false);
    walk_body(&mut nones, &function.body);
    nones.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_as_postgresql_cuts_them() {
        assert_eq!(postgresql_name("orders", "customer_id", "fkey"), "orders_customer_id_fkey");
        let name = postgresql_name(&"t".repeat(60), &"c".repeat(60), "fkey");
        assert_eq!(name, format!("{}_{}_fkey", "t".repeat(29), "c".repeat(28)));
        assert_eq!(name.len(), 63);
        let name = postgresql_name(&"t".repeat(70), "c", "key");
        assert_eq!(name, format!("{}_c_key", "t".repeat(57)));
    }
}

//! `application-import`

use diagnostics::{Level, Span};
use python::{
    Alias, Call, Expr, ExprKind, Module, Stmt, StmtKind, Visitor, walk_expr, walk_module, walk_stmt,
};

use crate::rule::rule;
use crate::syntax::{is_constant, segments};
use crate::{Check, Finding, Fixes, Group, Reporter, RevisionView, Rule};

rule! {
    /// A revision that imports the project's own code.
    ///
    /// ## Why it matters
    /// A revision runs for years: on every new developer's machine, in every test database, on
    /// each deployment that is behind. The application goes on changing. A model that it imports
    /// soon has columns that do not exist yet when the revision runs, a helper is renamed, a
    /// module is moved: then the chain no longer runs from its base, and where a module is gone,
    /// no Alembic command works at all.
    ///
    /// ## What to do
    /// Write into the file what it needs, as it is today: `sa.table("users", sa.column("id"))`
    /// instead of the model, the values instead of the constant, the few lines of the helper.
    ///
    /// ## When it stays silent
    /// On modules below the script directory, and on those with `migration` or `alembic` in their
    /// path: they belong to the migrations. Enumerations, constants and column types are an `info` only, as they change
    /// less often.
    pub(crate) static APPLICATION_IMPORT = Rule {
        name: "application-import",
        group: Group::Revision,
        level: Level::Warning,
        is_default: true,
        fixes: Fixes::None,
        summary: "an import of the project's own code, which will change",
        check: Check::Revision(check),
    };
}

fn check(view: &RevisionView<'_>, report: &mut Reporter<'_>) {
    let own = view.context.own_modules;
    if own.is_empty() || !view.revision.syntax_errors.is_empty() {
        return;
    }
    let is_own = |module: &str| own.contains(module) && !module.split('.').any(is_of_migrations);
    let mut imports = Imports { is_own: &is_own, found: Vec::new() };
    walk_module(&mut imports, &view.revision.module);
    for import in imports.found {
        let uses = uses(&view.revision.module, &import.names);
        let is_mild = !uses.is_empty() && uses.iter().all(|used| *used != Use::Other);
        let place = view.revision.place(import.span);
        let module = &import.module;
        let message = format!(
            "`{module}` is code of the project, which changes while this revision must not"
        );
        let help = if uses.is_empty() {
            "remove the import, as nothing in this file uses it"
        } else if uses.contains(&Use::Other) {
            "write into this file what it needs, as it is today: tables as `sa.table(…)`, helpers \
             in full"
        } else if uses.contains(&Use::Type) {
            "write the type of SQLAlchemy that it stands for, or keep it beside the revisions"
        } else {
            "write the values into this file, as they are today"
        };
        let finding = Finding::at(place, message).help(help);
        report.report(if is_mild { finding.milder(Level::Info) } else { finding });
    }
}

/// An import statement, or a part of one, that leads into the project.
struct OwnImport<'a> {
    span: Span,
    module: String,
    /// Each name that is bound, with the attributes that lead from it to the module.
    names: Vec<(&'a str, Vec<&'a str>)>,
}

struct Imports<'s, 'a> {
    is_own: &'s dyn Fn(&str) -> bool,
    found: Vec<OwnImport<'a>>,
}

impl<'a> Visitor<'a> for Imports<'_, 'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match &stmt.kind {
            StmtKind::Import(aliases) => {
                for alias in aliases.iter().filter(|alias| (self.is_own)(&alias.name)) {
                    let names = vec![bound(alias)];
                    let span = if aliases.len() == 1 { stmt.span } else { alias.span };
                    self.found.push(OwnImport { span, module: alias.name.to_string(), names });
                }
            }
            StmtKind::ImportFrom(import) if import.level == 0 => {
                let module = import.module.as_deref().unwrap_or_default();
                if !(self.is_own)(module) {
                    return;
                }
                // `from app.database import migration_helpers` is not of the application either.
                if import.names.iter().all(|alias| is_of_migrations(&alias.name)) {
                    return;
                }
                let names = import
                    .names
                    .iter()
                    .map(|alias| (&**alias.asname.as_ref().unwrap_or(&alias.name), Vec::new()))
                    .collect();
                self.found.push(OwnImport { span: stmt.span, module: module.to_owned(), names });
            }
            StmtKind::If(branch) if is_type_checking(&branch.test) => {
                for statement in &branch.orelse {
                    self.visit_stmt(statement);
                }
            }
            _ => walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, _: &'a Expr) {}
}

/// Whether a module is there for migrations, by its name.
fn is_of_migrations(name: &str) -> bool {
    name.contains("migration") || name.contains("alembic")
}

/// The name that `import a.b.c` binds, and what leads from it to the module.
fn bound(alias: &Alias) -> (&str, Vec<&str>) {
    if let Some(name) = &alias.asname {
        return (name, Vec::new());
    }
    let mut parts = alias.name.split('.');
    (parts.next().unwrap_or_default(), parts.collect())
}

fn is_type_checking(test: &Expr) -> bool {
    match &test.kind {
        ExprKind::Name(name) => name == "TYPE_CHECKING",
        ExprKind::Attribute(attribute) => attribute.name == "TYPE_CHECKING",
        _ => false,
    }
}

/// What something imported is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    /// Its members or its value.
    Constant,
    /// As the type of a column.
    Type,
    /// As code.
    Other,
}

fn uses(module: &Module, names: &[(&str, Vec<&str>)]) -> Vec<Use> {
    let mut uses = Uses { names, found: Vec::new() };
    walk_module(&mut uses, module);
    uses.found
}

struct Uses<'n> {
    names: &'n [(&'n str, Vec<&'n str>)],
    found: Vec<Use>,
}

impl<'a> Visitor<'a> for Uses<'_> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        if let StmtKind::For(looped) = &stmt.kind
            && self.segments(&looped.iterable).is_some()
        {
            self.found.push(Use::Constant);
            self.visit_expr(&looped.target);
            looped.body.iter().chain(&looped.orelse).for_each(|inner| self.visit_stmt(inner));
            return;
        }
        walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Some(segments) = self.segments(expr) {
            let is_constant = segments.iter().any(|segment| is_constant(segment));
            self.found.push(if is_constant { Use::Constant } else { Use::Other });
            return;
        }
        match &expr.kind {
            ExprKind::Call(call) => self.call(call),
            ExprKind::Comprehension(comprehension) => {
                let iterables = comprehension.clauses.iter().map(|clause| &clause.iterable);
                let known = iterables.filter(|iterable| self.segments(iterable).is_some()).count();
                let before = self.found.len();
                walk_expr(self, expr);
                // The members of an enumeration are what is asked of it.
                for used in self.found[before..].iter_mut().take(known) {
                    *used = Use::Constant;
                }
            }
            _ => walk_expr(self, expr),
        }
    }
}

impl Uses<'_> {
    fn call(&mut self, call: &Call) {
        let context = match last(&call.callee) {
            "Column" | "column" | "mapped_column" | "alter_column" | "ARRAY" | "array" | "cast"
            | "MutableList" | "as_mutable" | "bindparam" | "with_variant" => Some(Use::Type),
            "Enum" | "ENUM" | "list" | "set" | "tuple" | "sorted" => Some(Use::Constant),
            _ => None,
        };
        self.visit_expr(&call.callee);
        let keywords = call.keywords.iter().map(|keyword| &keyword.value);
        for argument in call.arguments.iter().chain(keywords) {
            match (context, &argument.kind) {
                (Some(context), _) if self.segments(argument).is_some() => self.found.push(context),
                (Some(Use::Type), ExprKind::Call(made))
                    if self.segments(&made.callee).is_some() =>
                {
                    self.found.push(Use::Type);
                    made.arguments.iter().for_each(|inner| self.visit_expr(inner));
                    made.keywords.iter().for_each(|inner| self.visit_expr(&inner.value));
                }
                _ => self.visit_expr(argument),
            }
        }
    }

    /// What is asked of the imported module by an expression that starts from one of the names.
    fn segments<'e>(&self, expr: &'e Expr) -> Option<Vec<&'e str>> {
        let mut segments = segments(expr)?;
        let (_, lead) = self
            .names
            .iter()
            .find(|(name, lead)| segments[0] == *name && segments[1..].starts_with(lead))?;
        Some(if lead.is_empty() { segments } else { segments.split_off(lead.len() + 1) })
    }
}

fn last(callee: &Expr) -> &str {
    match &callee.kind {
        ExprKind::Name(name) => name,
        ExprKind::Attribute(attribute) => &attribute.name,
        _ => "",
    }
}

//! Where a revision reads or changes rows through classes and tables that stand outside of it.

mod imports;

use std::collections::{BTreeMap, BTreeSet};

use diagnostics::Span;
use python::{
    Call, Expr, ExprKind, Function, Module, Stmt, StmtKind, Visitor, walk_body, walk_expr,
    walk_stmt,
};

use imports::Imports;

use super::{is_constant, segments};

/// A class or table that rows go through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Used<'a> {
    /// Its name, as the other file has it.
    pub(crate) name: &'a str,
    /// The import that brings it.
    pub(crate) import: Span,
    /// Where it is first used.
    pub(crate) place: Span,
    /// Whether all its columns are named, and not only some that are written out.
    pub(crate) is_whole: bool,
}

/// What rows go through in `functions` and in what these lead to within the file; one entry for
/// each class, by its first use. `is_foreign` tells whether a module stands outside of the migrations.
pub(crate) fn used<'a>(
    module: &'a Module,
    functions: &[&'a Function],
    is_foreign: &dyn Fn(&str) -> bool,
) -> Vec<Used<'a>> {
    let imports = Imports::of(module, is_foreign);
    if !imports.has_any() {
        return Vec::new();
    }
    let mut search = Search { imports: &imports, made: BTreeMap::new(), found: Vec::new() };
    for body in reached(module, functions) {
        search.made.clear();
        walk_body(&mut search, body);
    }
    let mut found = search.found;
    found.sort_by_key(|used| (used.place.start, used.name));
    let mut classes: Vec<Used<'a>> = Vec::new();
    for used in found {
        match classes.iter_mut().find(|known| known.name == used.name) {
            Some(known) => known.is_whole |= used.is_whole,
            None => classes.push(used),
        }
    }
    classes
}

/// The bodies that run: those of the functions, and of what they name within the file.
fn reached<'a>(module: &'a Module, functions: &[&'a Function]) -> Vec<&'a [Stmt]> {
    let mut defined: BTreeMap<&str, &'a [Stmt]> = BTreeMap::new();
    for statement in &module.body {
        match &statement.kind {
            StmtKind::Function(function) => defined.insert(&function.name, &function.body),
            StmtKind::Class(class) => defined.insert(&class.name, &class.body),
            _ => None,
        };
    }
    let mut bodies: Vec<&'a [Stmt]> = functions.iter().map(|function| &*function.body).collect();
    let mut seen: BTreeSet<&str> = functions.iter().map(|function| &*function.name).collect();
    let mut at = 0;
    while let Some(body) = bodies.get(at).copied() {
        at += 1;
        let mut names = Names(BTreeSet::new());
        walk_body(&mut names, body);
        for name in names.0 {
            if let Some(body) = defined.get(name)
                && seen.insert(name)
            {
                bodies.push(body);
            }
        }
    }
    bodies
}

/// The names that a text mentions.
struct Names<'a>(BTreeSet<&'a str>);

impl<'a> Visitor<'a> for Names<'a> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        if let ExprKind::Name(name) = &expr.kind {
            self.0.insert(name);
        }
        walk_expr(self, expr);
    }
}

struct Search<'s, 'a> {
    imports: &'s Imports<'a>,
    /// Variables that hold a new object of a class.
    made: BTreeMap<&'a str, Mention<'a>>,
    found: Vec<Used<'a>>,
}

/// A class or table that an expression names.
#[derive(Clone, Copy)]
struct Mention<'a> {
    name: &'a str,
    import: Span,
    is_whole: bool,
}

impl<'a> Visitor<'a> for Search<'_, 'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        if let StmtKind::Assign(assign) = &stmt.kind
            && let [Expr { kind: ExprKind::Name(name), .. }] = &assign.targets[..]
        {
            match self.instance(&assign.value) {
                Some(mention) => self.made.insert(name, mention),
                None => self.made.remove(name.as_str()),
            };
        }
        walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match &expr.kind {
            ExprKind::Call(call) => self.call(call, expr.span),
            // `User.query.all()` of an extension.
            ExprKind::Attribute(attribute) if attribute.name == "query" => {
                if let Some(mention) = self.mention(&attribute.value).filter(Mention::is_class) {
                    self.add(mention, expr.span);
                }
            }
            _ => {}
        }
        walk_expr(self, expr);
    }
}

impl<'a> Search<'_, 'a> {
    fn add(&mut self, mention: Mention<'a>, place: Span) {
        let Mention { name, import, is_whole } = mention;
        self.found.push(Used { name, import, place, is_whole });
    }

    fn call(&mut self, call: &'a Call, place: Span) {
        let is_statement = self.imports.is_statement(&call.callee);
        let method = match &call.callee.kind {
            ExprKind::Attribute(attribute) => Some((&attribute.value, attribute.name.as_str())),
            _ => None,
        };
        match method {
            _ if is_statement => self.arguments(call, place),
            Some((receiver, "query")) if is_session(receiver) => self.arguments(call, place),
            // What else has such methods takes no classes.
            Some((
                _,
                "query" | "bulk_insert_mappings" | "bulk_update_mappings" | "bulk_save_objects",
            )) => self.classes(call, place),
            Some((receiver, "add" | "add_all" | "merge" | "get" | "get_one"))
                if is_session(receiver) =>
            {
                self.classes(call, place);
            }
            Some((receiver, "bulk_insert")) if is_name(receiver, "op") => {
                if let Some(first) = call.arguments.first() {
                    self.mentions(first, place);
                }
            }
            // `User.__table__.update()`
            Some((table, "insert" | "update" | "delete" | "select")) if is_table(table) => {
                self.mentions(table, place);
            }
            _ => {}
        }
    }

    fn arguments(&mut self, call: &'a Call, place: Span) {
        for argument in &call.arguments {
            self.mentions(argument, place);
        }
    }

    /// The arguments that are classes, or objects of them.
    fn classes(&mut self, call: &'a Call, place: Span) {
        let found = std::mem::take(&mut self.found);
        self.arguments(call, place);
        let own = std::mem::replace(&mut self.found, found);
        self.found.extend(own.into_iter().filter(|used| is_capitalised(used.name)));
    }

    /// Everything that an argument names.
    fn mentions(&mut self, expr: &'a Expr, place: Span) {
        if let Some(mention) = self.mention(expr).or_else(|| self.instance(expr)) {
            self.add(mention, place);
            return;
        }
        match &expr.kind {
            ExprKind::Name(name) => {
                if let Some(mention) = self.made.get(name.as_str()).copied() {
                    self.add(mention, place);
                }
            }
            ExprKind::List(items) | ExprKind::Tuple(items) => {
                items.iter().for_each(|item| self.mentions(item, place));
            }
            ExprKind::Comprehension(comprehension) => {
                self.mentions(&comprehension.element, place);
            }
            ExprKind::Starred(inner) => self.mentions(inner, place),
            // `func.max(User.id)`; what is asked of a class is that column only.
            ExprKind::Call(call) => {
                for argument in &call.arguments {
                    if let Some(mention) = self.mention(argument) {
                        self.add(Mention { is_whole: false, ..mention }, place);
                    }
                }
            }
            _ => {}
        }
    }

    /// `User(…)`
    fn instance(&self, expr: &'a Expr) -> Option<Mention<'a>> {
        let ExprKind::Call(call) = &expr.kind else { return None };
        self.mention(&call.callee).filter(|mention| mention.is_whole && mention.is_class())
    }

    /// `User`, `User.name`, `models.User`, `User.__table__`.
    fn mention(&self, expr: &'a Expr) -> Option<Mention<'a>> {
        let segments = segments(expr)?;
        let (import, path) = self.imports.resolve(&segments)?;
        if path.iter().any(|segment| is_constant(segment)) {
            return None;
        }
        match path.iter().position(|segment| is_capitalised(segment)) {
            Some(at) => {
                let rest = &path[at + 1..];
                let is_whole = rest.is_empty() || rest == ["__table__"];
                Some(Mention { name: path[at], import, is_whole })
            }
            // A table that was imported by its name.
            None if segments.len() == 1 && path.len() == 1 => {
                Some(Mention { name: path[0], import, is_whole: true })
            }
            None => None,
        }
    }
}

impl Mention<'_> {
    fn is_class(&self) -> bool {
        is_capitalised(self.name)
    }
}

fn is_name(expr: &Expr, name: &str) -> bool {
    matches!(&expr.kind, ExprKind::Name(own) if own == name)
}

/// Whether something is called a session.
fn is_session(expr: &Expr) -> bool {
    let last = match &expr.kind {
        ExprKind::Name(name) => name,
        ExprKind::Attribute(attribute) => &attribute.name,
        _ => return false,
    };
    last.to_ascii_lowercase().ends_with("session")
}

fn is_table(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Attribute(attribute) if attribute.name == "__table__")
}

/// `User`, as classes are called.
fn is_capitalised(name: &str) -> bool {
    name.starts_with(|first: char| first.is_uppercase()) && name.chars().any(char::is_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What rows go through in `upgrade`, with a star for a whole class.
    fn of(text: &str) -> Vec<String> {
        let parsed = python::parse(text);
        let functions: Vec<&Function> = parsed
            .module
            .body
            .iter()
            .filter_map(|statement| match &statement.kind {
                StmtKind::Function(function) if function.name == "upgrade" => Some(&**function),
                _ => None,
            })
            .collect();
        let found = used(&parsed.module, &functions, &|module| module.starts_with("app"));
        found
            .iter()
            .map(|used| format!("{}{}", used.name, if used.is_whole { "*" } else { "" }))
            .collect()
    }

    fn within(imports: &str, statement: &str) -> Vec<String> {
        of(&format!("{imports}\n\ndef upgrade():\n    {statement}\n"))
    }

    #[test]
    fn queries_and_objects_of_an_imported_class_are_found() {
        let user =
            "import sqlalchemy as sa\nfrom sqlalchemy import select\nfrom app.models import User";
        assert_eq!(within(user, "session.query(User).all()"), ["User*"]);
        assert_eq!(within(user, "session.query(User.id, sa.func.max(User.age))"), ["User"]);
        assert_eq!(within(user, "bind.execute(select(User))"), ["User*"]);
        assert_eq!(within(user, "bind.execute(sa.update(User).values(a=1))"), ["User*"]);
        assert_eq!(within(user, "session.add(User(name='a'))"), ["User*"]);
        assert_eq!(within(user, "one = User()\n    session.add(one)"), ["User*"]);
        assert_eq!(within(user, "session.add_all([User(name=n) for n in names])"), ["User*"]);
        assert_eq!(within(user, "op.bulk_insert(User.__table__, [])"), ["User*"]);
        assert_eq!(within(user, "bind.execute(User.__table__.update())"), ["User*"]);
        assert_eq!(within(user, "User.query.filter_by(a=1).delete()"), ["User*"]);
        let table = "from app.tables import users";
        assert_eq!(within(table, "session.query(users)"), ["users*"]);
        let module = "from app import models as m\nimport app.tables";
        assert_eq!(within(module, "session.query(m.User)"), ["User*"]);
        assert_eq!(within(module, "session.query(app.tables.User)"), ["User*"]);
    }

    #[test]
    fn a_helper_counts_where_upgrade_comes_to_it() {
        let text = "from app import User\n\ndef fill(session):\n    session.query(User)\n\n";
        assert_eq!(of(&format!("{text}def upgrade():\n    fill(s)\n")), ["User*"]);
        let other = "def upgrade():\n    pass\n\ndef downgrade():\n    fill(s)\n";
        assert_eq!(of(&format!("{text}{other}")), [""; 0]);
    }

    #[test]
    fn what_is_frozen_with_the_revision_is_not_spoken_of() {
        let none: [&str; 0] = [];
        let own = "class User(Base):\n    pass\n";
        assert_eq!(within(own, "session.query(User)"), none);
        let shadowed = "from app.models import User\nUser = sa.table('users')\n";
        assert_eq!(within(shadowed, "session.query(User)"), none);
        let of_migrations = "from frozen import User";
        assert_eq!(within(of_migrations, "session.query(User)"), none);
        let checked =
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from app import User\n";
        assert_eq!(within(checked, "session.query(User)"), none);
        let user = "from app.models import Status, User, cache";
        assert_eq!(within(user, "users = sa.select(Status.ACTIVE)"), none);
        assert_eq!(within(user, "cache.get(User)"), none);
        assert_eq!(within(user, "kinds.add(User)"), none);
        let lower = "from app.config import url, statement";
        assert_eq!(within(lower, "session.get(url)"), none);
        assert_eq!(within(lower, "client.query(statement)"), none);
        assert_eq!(within(user, "client.query('SELECT 1')"), none);
        assert_eq!(within(user, "op.get_bind().execute(sa.text('SELECT 1'))"), none);
    }
}

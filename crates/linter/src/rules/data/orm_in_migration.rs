//! `orm-in-migration`

use diagnostics::{Level, Place};
use models::{DeclaredTable, MappedAttribute, MappedClass};
use schema::state::Schema;
use sql::ObjectName;

use crate::load::own_modules::FOREIGN;
use crate::rule::rule;
use crate::syntax::orm::{Used, used};
use crate::wording::listed;
use crate::{Check, Finding, Fixes, Group, Reporter, RevisionView, Rule};

rule! {
    /// `upgrade()` reads or changes rows through a mapped class, or a table, that stands in another file.
    ///
    /// ## Why it matters
    /// The class is the one of today, the database is at this revision. `session.query(User)` names every column
    /// that `User` maps, also those that only later revisions add: on a database that is set up from the start
    /// the query fails with `UndefinedColumn`. Defaults, listeners and validators of the class run as they are
    /// today, too, and write other rows than they did when the revision was tried.
    ///
    /// ## What to do
    /// Describe in the revision what it needs of the table, as it is at this point:
    ///
    /// ```python
    /// users = sa.table("users", sa.column("id"), sa.column("name"))
    /// op.execute(users.update().where(users.c.name.is_(None)).values(name=""))
    /// ```
    ///
    /// Or map a class of its own in the revision.
    ///
    /// ## When it stays silent
    /// About classes and tables that the revision itself declares, those that stand below the script directory or
    /// in modules with `migration` or `alembic` in their path, `automap_base()`, SQL as text, and in `downgrade()`.
    pub(crate) static ORM_IN_MIGRATION = Rule {
        name: "orm-in-migration",
        group: Group::Data,
        level: Level::Warning,
        is_default: true,
        fixes: Fixes::None,
        summary: "rows are read or changed through the models of today",
        check: Check::Revision(check),
    };
}

fn check(view: &RevisionView<'_>, report: &mut Reporter<'_>) {
    if !view.revision.syntax_errors.is_empty() {
        return;
    }
    let upgrade = view.revision.upgrade();
    let is_foreign = |module: &str| is_foreign(view, module);
    let used = used(&view.revision.module, upgrade.functions(), &is_foreign);
    let Some(first) = used.first() else { return };
    let missing = used.iter().find_map(|one| Some((one, missing(view, one)?)));
    report.report(match missing {
        Some((one, missing)) => of_column(view, one, &missing),
        None => of_classes(view, first, &used),
    });
}

/// Whether a module stands outside of the migrations, and is none of Python or `SQLAlchemy`.
fn is_foreign(view: &RevisionView<'_>, module: &str) -> bool {
    let mut parts = module.split('.');
    let is_of_migrations =
        module.split('.').any(|part| part.contains("migration") || part.contains("alembic"));
    let top = parts.next().unwrap_or_default();
    !is_of_migrations
        && !view.context.migration_modules.contains(module)
        && !FOREIGN.contains(&top)
        && top != "sqlmodel"
}

fn of_classes(view: &RevisionView<'_>, first: &Used<'_>, used: &[Used<'_>]) -> Finding {
    let names = listed(used.iter().map(|one| one.name));
    let are = if used.len() == 1 { "which is" } else { "which are" };
    let message = format!(
        "rows go through {names}, {are} as of today, while the table is as of this revision"
    );
    let finding = Finding::at(view.revision.place(first.place), message).help(HELP);
    finding.related(view.revision.place(first.import), "it comes from here")
}

const HELP: &str = "describe what is needed of the table in this file: \
                    `sa.table(\"…\", sa.column(\"id\"), …)`";

/// A column that a class maps and that its table does not have yet.
struct Missing<'a> {
    table: String,
    column: &'a str,
    place: Place,
}

fn of_column(view: &RevisionView<'_>, used: &Used<'_>, missing: &Missing<'_>) -> Finding {
    let Missing { table, column, place } = missing;
    let message = format!(
        "each query of `{}` names `{column}`, which `{table}` does not have at this revision",
        used.name
    );
    let finding = Finding::at(view.revision.place(used.place), message).help(HELP);
    let finding = finding.related(view.revision.place(used.import), "the class comes from here");
    finding.related(*place, format!("`{column}` is mapped here"))
}

/// The first column of the class that its table surely lacks, before this revision and after.
fn missing<'a>(view: &RevisionView<'a>, used: &Used<'_>) -> Option<Missing<'a>> {
    if !used.is_whole {
        return None;
    }
    let (class, table) = class_of(view, used.name)?;
    let name = ObjectName {
        schema: table.schema.literal()?.as_deref().map(Into::into),
        name: (&**table.name.literal()?).into(),
    };
    let replays: Vec<_> =
        view.context.replays.iter().filter_map(|one| one.replay.get(view.index)).collect();
    let lacks = |schema: &Schema, column: &str| {
        schema.table(&name).is_some_and(|table| table.has_column(column) == Some(false))
    };
    let is_missing = |column: &str| {
        !replays.is_empty()
            && replays.iter().all(|one| lacks(&one.before, column) && lacks(one.after(), column))
    };
    let mapped = class.attributes.iter().filter(|attribute| attribute.kind.is_column());
    let mut columns = mapped.filter_map(|attribute| Some((column(attribute)?, attribute.place)));
    let (column, place) = columns.find(|(column, _)| is_missing(column))?;
    let shown = name.schema.as_ref().map_or(String::new(), |schema| format!("{schema}."));
    Some(Missing { table: format!("{shown}{}", name.name), column, place })
}

/// The one mapped class of this name, with its table.
fn class_of<'a>(
    view: &RevisionView<'a>,
    name: &str,
) -> Option<(&'a MappedClass, &'a DeclaredTable)> {
    let models = view.context.models;
    let mut classes = models.classes.iter().filter(|class| *class.name == *name);
    let class = classes.next()?;
    let table = models.tables.get(class.table?)?;
    (classes.next().is_none() && !table.is_test).then_some((class, table))
}

fn column(attribute: &MappedAttribute) -> Option<&str> {
    attribute.column.as_ref()?.literal().map(AsRef::as_ref)
}

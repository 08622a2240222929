//! `reserved-attribute`

use diagnostics::{Fix, Level};
use models::{AttributeKind, ReservedAttribute, ReservedFor, reserved_attributes};

use crate::rule::rule;
use crate::{Check, Finding, Fixes, Group, ModelsView, Reporter, Rule};

rule! {
    /// A mapped attribute whose name SQLAlchemy, or Flask-SQLAlchemy, keeps for itself:
    /// `metadata`, `registry`, and on a model of Flask-SQLAlchemy `query` and `query_class`.
    ///
    /// ## Why it matters
    /// Every declarative class has a `metadata`, the collection of its tables. SQLAlchemy up to 2.0
    /// refuses a class that maps a column or a relationship under this name: `Attribute name
    /// 'metadata' is reserved when using the Declarative API.` The module cannot be imported, and
    /// with it no command of Alembic runs. SQLAlchemy 2.1 only warns, and `Event.metadata` is then a
    /// column where code expects the tables; it warns of `registry` too. A column named `query`
    /// takes away `Model.query` of Flask-SQLAlchemy.
    ///
    /// ## What to do
    /// Rename the attribute and keep the name of the column, so that no revision is needed:
    ///
    /// ```python
    /// extra_metadata = Column("metadata", JSON)
    /// ```
    ///
    /// The fix does this, in the class and where its own methods say `self.metadata`. Other uses in
    /// the file are listed; uses in other files have to be found by you, so the fix is unsafe. The
    /// option `reserved-attribute-prefix` of the configuration replaces `extra_`.
    ///
    /// ## When it stays silent
    /// On a real `MetaData(…)`, on a `ClassVar`, on classes that are not mapped (dataclasses,
    /// pydantic models, a `SQLModel` without `table=True`), on mixins that no mapped class uses or
    /// that come after the base, and on classes that are made under a condition or in a function.
    pub(crate) static RESERVED_ATTRIBUTE = Rule {
        name: "reserved-attribute",
        group: Group::Models,
        level: Level::Error,
        is_default: true,
        fixes: Fixes::Unsafe,
        summary: "a mapped attribute with a name that SQLAlchemy keeps for itself",
        check: Check::Models(check),
    };
}

fn check(view: &ModelsView<'_>, report: &mut Reporter<'_>) {
    for found in reserved_attributes(view.models) {
        report.report(finding(view, found));
    }
}

fn finding(view: &ModelsView<'_>, found: &ReservedAttribute) -> Finding {
    let (class, name) = (&found.class, &found.name);
    let new_name = format!("{}{name}", view.settings.reserved_attribute_prefix);
    let fact = match found.reserved_for {
        ReservedFor::MetaData => {
            "hides the `MetaData` of the class: SQLAlchemy up to 2.0 refuses it, 2.1 warns"
        }
        ReservedFor::Registry => "hides the registry of the class: SQLAlchemy 2.1 warns of it",
        ReservedFor::Query => "hides the query interface of Flask-SQLAlchemy",
    };
    let message = format!("the mapped attribute `{name}` of `{class}` {fact}");
    let help = format!("rename it and keep its column: `{}`", spelled(found, &new_name));
    let fix = found
        .edits(&new_name)
        .map(|edits| Fix::risky(format!("rename the attribute `{name}` to `{new_name}`"), edits));
    let mut finding = Finding::at(found.place, message).help(help).fix(fix);
    if found.reserved_for != ReservedFor::MetaData {
        finding = finding.milder(Level::Warning);
    }
    for place in &found.uses {
        finding = finding.related(*place, format!("may use the attribute `{name}`"));
    }
    finding
}

/// The code to write.
fn spelled(found: &ReservedAttribute, name: &str) -> String {
    let column = found.column.as_ref().unwrap_or(&found.name);
    match found.kind {
        AttributeKind::Column => format!("{name} = Column(\"{column}\", …)"),
        AttributeKind::MappedColumn => format!("{name} = mapped_column(\"{column}\", …)"),
        AttributeKind::Annotated => {
            format!("{name}: Mapped[…] = mapped_column(\"{column}\")")
        }
        AttributeKind::Relationship => format!("{name} = relationship(…)"),
        AttributeKind::Synonym => format!("{name} = synonym(…)"),
        AttributeKind::Property => format!("{name} = …"),
        AttributeKind::Field => {
            format!("{name}: … = Field(sa_column_kwargs={{\"name\": \"{column}\"}})")
        }
        AttributeKind::FieldRelationship => format!("{name}: … = Relationship(…)"),
    }
}

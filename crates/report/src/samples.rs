//! A small project with one diagnostic of each kind, for the tests of all formats.

use std::path::{Path, PathBuf};

use diagnostics::{
    Diagnostic, Edit, Encoding, FileId, Fix, Level, Place, Related, SourceFile, Sources, Span,
};

use crate::{ChainSummary, DatabaseSummary, Problem, Report, RuleInfo, Style, Summary};

/// 80 columns, no colours, no links.
pub(crate) const PLAIN: Style = Style { color: false, width: 80, links: false, unicode: true };

pub(crate) const ORDERS: &str = r#""""add orders

Revision ID: 1d7c5b0a9e3f
"""

revision = "1d7c5b0a9e3f"
down_revision = "9f0000000000"
"#;

const COUPONS: &str = "revision = \"83aa02f4c6d1\"\ndown_revision = \"9f2e11d07c55\"\n";
const MODELS: &str = "class Order(Base):\n    __tablename__ = \"orders\"\n    metadata = Column(JSON)\n\n\n\nOrder.metadata\n";

/// A report with its owner.
pub(crate) struct Project {
    pub(crate) sources: Sources,
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) problems: Vec<Problem>,
}

impl Project {
    pub(crate) fn report(&self) -> Report<'_> {
        Report {
            sources: &self.sources,
            root: Path::new("/srv/shop"),
            chains: vec![ChainSummary {
                name: "default".to_owned(),
                path: "migrations".to_owned(),
                heads: vec!["1d7c5b0a9e3f".to_owned(), "83aa02f4c6d1".to_owned()],
                bases: vec!["9f2e11d07c55".to_owned()],
                revisions: 3,
                databases: vec![DatabaseSummary {
                    name: "postgresql",
                    named_by: "url",
                    version: Some("13".to_owned()),
                    version_by: Some("files"),
                }],
            }],
            diagnostics: &self.diagnostics,
            problems: self.problems.clone(),
            summary: Summary {
                revisions: 3,
                chains: 1,
                models: 1,
                errors: 2,
                warnings: 1,
                fixable_safe: 1,
                fixable_unsafe: 1,
                ..Summary::default()
            },
            rules: rules(),
            quiet: false,
        }
    }
}

pub(crate) fn problem() -> Problem {
    Problem {
        path: PathBuf::from("/srv/shop/migrations/env.py"),
        message: "cannot be read: permission denied".to_owned(),
        help: Some("let the user that runs the check read it".to_owned()),
    }
}

pub(crate) fn project() -> Project {
    let mut sources = Sources::new();
    let orders = add(&mut sources, "migrations/versions/1d7c_orders.py", ORDERS);
    let coupons = add(&mut sources, "migrations/versions/83aa_coupons.py", COUPONS);
    let models = add(&mut sources, "shop/models.py", MODELS);
    let broken = mark(&sources, orders, "\"9f0000000000\"");
    let diagnostics = vec![
        Diagnostic {
            help: Some(
                "name the revision that this one comes after: `down_revision = \"9f2e11d07c55\"`"
                    .to_owned(),
            ),
            revision: Some("1d7c5b0a9e3f".to_owned()),
            fix: Some(Fix::safe(
                "point `down_revision` at `9f2e11d07c55`",
                vec![Edit::replace(broken, "\"9f2e11d07c55\"")],
            )),
            ..diagnostic(
                "broken-down-revision",
                Level::Error,
                broken,
                "`down_revision` is `9f0000000000`, which no revision has",
            )
        },
        Diagnostic {
            help: Some("merge them: `alembic merge heads`".to_owned()),
            related: vec![Related {
                place: mark(&sources, coupons, "revision = \"83aa02f4c6d1\""),
                message: "the other head".to_owned(),
            }],
            ..diagnostic(
                "multiple-heads",
                Level::Error,
                mark(&sources, orders, "revision = \"1d7c5b0a9e3f\""),
                "the chain has 2 heads: `1d7c5b0a9e3f` and `83aa02f4c6d1`",
            )
        },
        Diagnostic {
            group: "models",
            chain: None,
            related: vec![Related {
                place: mark(&sources, models, "Order.metadata"),
                message: "used here".to_owned(),
            }],
            fix: Some(Fix::risky(
                "rename it to `extra_metadata`",
                vec![Edit::replace(mark(&sources, models, "metadata"), "extra_metadata")],
            )),
            ..diagnostic(
                "reserved-attribute",
                Level::Warning,
                mark(&sources, models, "metadata"),
                "`metadata` is reserved by SQLAlchemy",
            )
        },
    ];
    Project { sources, diagnostics, problems: vec![problem()] }
}

/// A project of one file with one diagnostic at `span`, to try a text on the renderers.
pub(crate) fn one(text: &str, span: Span) -> Project {
    let mut sources = Sources::new();
    let file = add(&mut sources, "a.py", text);
    let diagnostics =
        vec![diagnostic("multiple-heads", Level::Error, Place::new(file, span), "message")];
    Project { sources, diagnostics, problems: Vec::new() }
}

pub(crate) fn diagnostic(
    rule: &'static str,
    level: Level,
    place: Place,
    message: &str,
) -> Diagnostic {
    Diagnostic {
        rule,
        group: "chain",
        level,
        place,
        message: message.to_owned(),
        help: None,
        related: Vec::new(),
        revision: None,
        chain: Some("default".to_owned()),
        fix: None,
    }
}

/// Where `needle` first stands in a file.
pub(crate) fn mark(sources: &Sources, file: FileId, needle: &str) -> Place {
    let at = sources.file(file).text().find(needle).expect("the sample has it") as u32;
    Place::new(file, Span::new(at, at + needle.len() as u32))
}

fn add(sources: &mut Sources, path: &str, text: &str) -> FileId {
    sources.add(SourceFile::new(Path::new("/srv/shop").join(path), text, Encoding::UTF_8))
}

fn rules() -> Vec<RuleInfo> {
    let rule = |name, group, level, summary| RuleInfo {
        name,
        group,
        summary,
        level,
        url: format!("https://example.org/{name}"),
    };
    vec![
        rule("broken-down-revision", "chain", Level::Error, "a down revision that does not exist"),
        rule("multiple-heads", "chain", Level::Error, "the chain has heads that were not declared"),
        rule("reserved-attribute", "models", Level::Error, "an attribute that SQLAlchemy reserves"),
    ]
}

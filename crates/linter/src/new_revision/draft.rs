//! The text of the file that `alembic merge` or `alembic revision` would write.

use diagnostics::{Encoding, FileId, SourceFile, Span};
use python::{Function, Stmt, StmtKind};
use revision::{Id, Links, Revision};

use super::template;

/// The message of a merge of the revisions `ids`.
pub(super) fn message(ids: &[&str]) -> String {
    match ids {
        [first, second] => format!("merge {first} and {second}"),
        _ => format!("merge {} heads", ids.len()),
    }
}

/// A revision file that is to be written.
#[derive(Clone, Debug)]
pub(super) struct Draft<'a> {
    /// Its id.
    pub(super) id: &'a str,
    /// What it is for.
    pub(super) message: &'a str,
    /// What it revises.
    pub(super) down: Vec<&'a str>,
    /// `Create Date:`; empty for none.
    pub(super) date: String,
    /// What it does.
    pub(super) content: Content<'a>,
}

/// What a new revision does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Content<'a> {
    /// Nothing.
    Nothing,
    /// What somebody will write into it.
    ToBeWritten,
    /// These lines, without the indentation of the function.
    Lines {
        /// Of `upgrade()`.
        upgrade: &'a [String],
        /// Of `downgrade()`.
        downgrade: &'a [String],
    },
}

impl Content<'_> {
    /// The body of `upgrade()`, as a template takes it: its first line is indented already.
    pub(super) fn upgrade(&self) -> String {
        match self {
            Self::Lines { upgrade, .. } => upgrade.join("\n    "),
            _ => "pass".to_owned(),
        }
    }

    /// The body of `downgrade()`, likewise.
    pub(super) fn downgrade(&self) -> String {
        match self {
            Self::Lines { downgrade, .. } => downgrade.join("\n    "),
            _ => "pass".to_owned(),
        }
    }
}

/// The text of the file: what the project's template makes of it, else in the style of the
/// revision `like` and its text.
pub(super) fn text(
    draft: &Draft<'_>,
    template: Option<&str>,
    like: Option<(&Revision, &str)>,
) -> String {
    let rendered = template.and_then(|template| template::render(template, draft));
    rendered.filter(|text| says(text, draft)).unwrap_or_else(|| standard(draft, like))
}

/// Whether the text is a revision file that says what the draft does.
fn says(text: &str, draft: &Draft<'_>) -> bool {
    let source = SourceFile::new("new.py".into(), text, Encoding::UTF_8);
    let revision = Revision::read(FileId::new(0), &source);
    revision.syntax_errors.is_empty()
        && revision.id_text() == Some(draft.id)
        && revision.down_revisions().eq(draft.down.iter().copied())
        && !revision.upgrade().is_missing()
        && (!matches!(draft.content, Content::Lines { .. }) || text.contains("import op"))
}

/// Whether the project writes a function for each of several databases.
pub(super) fn has_several_databases(like: &Revision, text: &str) -> bool {
    dispatched(like, text).is_some()
}

/// What Alembic's own template makes of it, in the style of `like`.
fn standard(draft: &Draft<'_>, like: Option<(&Revision, &str)>) -> String {
    let style = like.map_or_else(Style::modern, |(like, text)| Style::of(like, text));
    let is_double = like.is_some_and(|(like, text)| uses_double_quotes(like, text));
    let quote = if is_double { '"' } else { '\'' };
    let quoted = |id: &str| format!("{quote}{id}{quote}");
    let down = match &draft.down[..] {
        [] => "None".to_owned(),
        [one] => quoted(one),
        several => {
            let several: Vec<String> = several.iter().map(|id| quoted(id)).collect();
            format!("({})", several.join(", "))
        }
    };
    let date = match draft.date.as_str() {
        "" => String::new(),
        date => format!("Create Date: {date}\n"),
    };
    let operations = match draft.content {
        Content::Nothing => "",
        Content::ToBeWritten => "from alembic import op\nimport sqlalchemy as sa\n\n\n",
        Content::Lines { .. } => "from alembic import op\n\n",
    };
    let functions = like.and_then(|(like, text)| dispatched(like, text)).unwrap_or_else(|| {
        format!(
            "def upgrade(){returns}:\n    {}\n\n\ndef downgrade(){returns}:\n    {}\n",
            draft.content.upgrade(),
            draft.content.downgrade(),
            returns = style.returns
        )
    });
    format!(
        "\"\"\"{message}\n\nRevision ID: {id}\n{revises}\n{date}\n\"\"\"\n\n{imports}{operations}\
         # revision identifiers, used by Alembic.\n\
         revision{id_type} = {own}\n\
         down_revision{link_type} = {down}\n\
         branch_labels{link_type} = None\n\
         depends_on{link_type} = None\n\n\n\
         {functions}",
        message = draft.message,
        id = draft.id,
        revises = format!("Revises: {}", draft.down.join(", ")).trim_end(),
        own = quoted(draft.id),
        imports = style.imports,
        id_type = style.id,
        link_type = style.links,
    )
}

/// The functions of a project with several databases, emptied: one for each, and the two that call
/// them.
fn dispatched(like: &Revision, text: &str) -> Option<String> {
    let functions: Vec<(&Stmt, &Function)> = like
        .module
        .body
        .iter()
        .filter_map(|stmt| match &stmt.kind {
            StmtKind::Function(function) => Some((stmt, &**function)),
            _ => None,
        })
        .collect();
    let is_own = |function: &Function, name: &str| {
        function.name.strip_prefix(name).is_some_and(|rest| rest.starts_with('_'))
    };
    let is_of_database =
        |function: &Function| is_own(function, "upgrade") || is_own(function, "downgrade");
    if !functions.iter().any(|(_, function)| is_of_database(function)) {
        return None;
    }
    let mut written = Vec::new();
    for (stmt, function) in functions {
        let head = Span::new(stmt.span.start, function.body.first()?.span.start);
        if is_of_database(function) {
            written.push(format!("{}\n    pass\n", at(head, text).trim_end()));
        } else if matches!(function.name.as_str(), "upgrade" | "downgrade") {
            written.push(format!("{}\n", at(stmt.span, text)));
        }
    }
    Some(written.join("\n\n").replace("\r\n", "\n"))
}

/// The annotations of a revision file: all of them, or none.
#[derive(Default)]
struct Style {
    imports: String,
    id: String,
    links: String,
    returns: &'static str,
}

impl Style {
    /// As Alembic's own template has it.
    fn modern() -> Self {
        Self {
            imports: "from typing import Sequence, Union\n\n".to_owned(),
            id: ": str".to_owned(),
            links: ": Union[str, Sequence[str], None]".to_owned(),
            returns: " -> None",
        }
    }

    /// As in `like`, where the annotation of its `down_revision` has room for several ids.
    fn of(like: &Revision, text: &str) -> Self {
        let (Id::Declared(id), Links::Declared(down)) = (&like.id, &like.down_revision) else {
            return Self::default();
        };
        let (Some(id), Some(links)) =
            (annotation(id.statement, text), annotation(down.statement, text))
        else {
            return Self::default();
        };
        if !links.contains("Sequence") {
            return Self::modern();
        }
        let mut imports = String::new();
        for statement in &like.module.body {
            let StmtKind::ImportFrom(import) = &statement.kind else { continue };
            let module = import.module.as_deref().unwrap_or_default();
            if matches!(module, "__future__" | "typing" | "collections.abc") {
                imports.push_str(&at(statement.span, text).replace('\r', ""));
                imports.push('\n');
            }
        }
        if !imports.is_empty() {
            imports.push('\n');
        }
        Self { imports, id: id.to_owned(), links: links.to_owned(), returns: " -> None" }
    }
}

/// `: type` of an assignment `name: type = value`.
fn annotation(statement: Span, text: &str) -> Option<&str> {
    let (target, _) = at(statement, text).split_once('=')?;
    let colon = target.find(':')?;
    Some(target[colon..].trim_end())
}

fn at(span: Span, text: &str) -> &str {
    text.get(span.start as usize..span.end as usize).unwrap_or_default()
}

fn uses_double_quotes(like: &Revision, text: &str) -> bool {
    let place = like.id_place().span;
    text.get(place.start as usize..place.end as usize)
        .is_some_and(|literal| literal.starts_with('"'))
}

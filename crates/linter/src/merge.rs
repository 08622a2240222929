//! The file that `alembic merge` would write.

use diagnostics::Span;
use python::StmtKind;
use revision::{Id, Links, Revision};

/// The message of a merge of the revisions `ids`.
pub(crate) fn message(ids: &[&str]) -> String {
    match ids {
        [first, second] => format!("merge {first} and {second}"),
        _ => format!("merge {} heads", ids.len()),
    }
}

/// The text of revision `id`, which merges `ids`, in the style of the revision `like`, whose text
/// is `text`.
///
/// A clock would make the file another one at each run, so it bears the date of `like`.
pub(crate) fn text(like: &Revision, text: &str, id: &str, ids: &[&str]) -> String {
    let style = Style::of(like, text);
    let quote = if uses_double_quotes(like, text) { '"' } else { '\'' };
    let quoted = |id: &&str| format!("{quote}{id}{quote}");
    let merged = ids.iter().map(quoted).collect::<Vec<_>>().join(", ");
    let date = like
        .header
        .create_date
        .as_ref()
        .map(|field| format!("Create Date: {}\n", field.text))
        .unwrap_or_default();
    format!(
        "\"\"\"{message}\n\nRevision ID: {id}\nRevises: {revises}\n{date}\n\"\"\"\n\n{imports}\
         # revision identifiers, used by Alembic.\n\
         revision{id_type} = {own}\n\
         down_revision{link_type} = ({merged})\n\
         branch_labels{link_type} = None\n\
         depends_on{link_type} = None\n\n\n\
         def upgrade(){returns}:\n    pass\n\n\n\
         def downgrade(){returns}:\n    pass\n",
        message = message(ids),
        revises = ids.join(", "),
        own = quoted(&id),
        imports = style.imports,
        id_type = style.id,
        link_type = style.links,
        returns = style.returns,
    )
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
            return Self {
                imports: "from typing import Sequence, Union\n\n".to_owned(),
                id: ": str".to_owned(),
                links: ": Union[str, Sequence[str], None]".to_owned(),
                returns: " -> None",
            };
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

//! The file that `alembic merge` would write.

use diagnostics::Span;
use revision::{Id, Revision};

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
    let is_typed = match &like.id {
        Id::Declared(declared) => is_annotated(declared.statement, text),
        _ => false,
    };
    let quote = if uses_double_quotes(like, text) { '"' } else { '\'' };
    let quoted = |id: &&str| format!("{quote}{id}{quote}");
    let merged = ids.iter().map(quoted).collect::<Vec<_>>().join(", ");
    let date = like
        .header
        .create_date
        .as_ref()
        .map(|field| format!("Create Date: {}\n", field.text))
        .unwrap_or_default();
    let (import, id_type, link_type, returns) = if is_typed {
        (
            "from typing import Sequence, Union\n\n",
            ": str",
            ": Union[str, Sequence[str], None]",
            " -> None",
        )
    } else {
        ("", "", "", "")
    };
    format!(
        "\"\"\"{message}\n\nRevision ID: {id}\nRevises: {revises}\n{date}\n\"\"\"\n\n{import}\
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
    )
}

/// Whether an assignment is written `name: type = value`.
fn is_annotated(statement: Span, text: &str) -> bool {
    let written = text.get(statement.start as usize..statement.end as usize).unwrap_or_default();
    written.split('=').next().is_some_and(|target| target.contains(':'))
}

fn uses_double_quotes(like: &Revision, text: &str) -> bool {
    let place = like.id_place().span;
    text.get(place.start as usize..place.end as usize)
        .is_some_and(|literal| literal.starts_with('"'))
}

//! Revision files that are written anew, with the names and dates that Alembic gives them: merges, and what
//! somebody is about to fill.

pub(crate) mod create_date;
mod draft;
pub(crate) mod file_names;
mod template;

pub use create_date::Made;
pub(crate) use draft::Content;

use std::path::PathBuf;

use chain::{Chain, RevisionIndex};
use diagnostics::{Edit, Fix};
use revision::Revision;

use create_date::{CreateDate, create_date};
use draft::Draft;

use crate::wording::listed;
use crate::{ChainView, Loaded, ids};

/// What somebody wants of a new revision.
#[derive(Clone, Debug)]
pub struct NewRevision {
    /// Its id.
    pub id: String,
    /// What it is for.
    pub message: String,
    /// The head that it is to revise, as on Alembic's command line; `None` for the only one.
    pub head: Option<String>,
    /// When it is made.
    pub made: Made,
}

/// A file that is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Where; nothing is there yet.
    pub path: PathBuf,
    /// What.
    pub text: String,
    /// The ids that it revises.
    pub down: Vec<String>,
    /// Whether one of these is on the base only, so that it must be merged next.
    pub awaits_base: bool,
}

/// The file of a new revision of chain number `chain`.
///
/// # Errors
/// Why there is none, and what to do.
pub fn new_revision(loaded: &Loaded, chain: usize, wish: &NewRevision) -> Result<Written, String> {
    let chain = loaded.chains.get(chain).ok_or("there is no such chain")?;
    let view = chain.view(loaded);
    let head = head(&view, wish.head.as_deref())?;
    if wish.message.contains("\"\"\"") || wish.message.ends_with(['"', '\\']) {
        return Err("the message would end the docstring that it is written into".to_owned());
    }
    let down: Vec<&str> = head.and_then(|head| view.chain[head].id_text()).into_iter().collect();
    let draft = Draft {
        id: &wish.id,
        message: &wish.message,
        down: down.clone(),
        date: wish.made.text.clone(),
        content: Content::ToBeWritten,
    };
    let like = head.map(|head| &view.chain[head]);
    let text = text(&view, &draft, like);
    let path = path(&view, &draft, like, Some(CreateDate::from(&wish.made)))
        .ok_or("the chain has no version folder")?;
    if path.exists() {
        return Err(format!(
            "`{}` exists already; put `%(rev)s` into `file_template`",
            path.display()
        ));
    }
    let base = view.standing.base.as_ref();
    let awaits_base = head.zip(base).is_some_and(|(head, base)| base.brings(head));
    Ok(Written { path, text, down: down.into_iter().map(str::to_owned).collect(), awaits_base })
}

/// An id of twelve random hexadecimal digits that no revision of the chain has; `random` gives
/// numbers of which all bits are.
pub fn random_id(chain: &Chain, mut random: impl FnMut() -> u64) -> String {
    let seed = [random().to_string(), random().to_string()];
    ids::fresh_id(chain, &[&seed[0], &seed[1]])
}

/// The head that a new revision is to revise; `None` for the first revision.
fn head(view: &ChainView<'_>, name: Option<&str>) -> Result<Option<RevisionIndex>, String> {
    let chain = view.chain;
    let id = |index: RevisionIndex| chain[index].id_text().unwrap_or_default();
    if let Some(name) = name {
        let resolved = chain.resolve(name, chain.bases(), chain.heads());
        let found = resolved.map(|resolved| resolved.revisions).unwrap_or_default();
        let [head] = found[..] else {
            return Err(format!("`{name}` does not name one revision of this chain"));
        };
        if !chain.is_head(head) {
            return Err(format!(
                "`{}` is no head: a revision that starts there forks the chain",
                id(head)
            ));
        }
        return Ok(Some(head));
    }
    if !chain.broken_links().is_empty() {
        return Err("a link of the chain leads nowhere; run `migrate-lint` and mend it first, or \
                    name a head with `--head`"
            .to_owned());
    }
    match chain.heads() {
        [] => Ok(None),
        [head] => Ok(Some(*head)),
        heads => Err(format!(
            "the chain has several heads, {}; name one with `--head`, or join them with \
             `migrate-lint rebase` or `migrate-lint merge`",
            listed(heads.iter().map(|&head| id(head)))
        )),
    }
}

/// A fix that writes the merge of `heads` in the style of `head`, one of them; without a clock it
/// bears the date of that one.
pub(crate) fn merge(
    view: &ChainView<'_>,
    heads: &[RevisionIndex],
    head: RevisionIndex,
    made: Option<&Made>,
) -> Option<Fix> {
    let chain = view.chain;
    let down: Vec<&str> = heads.iter().filter_map(|&head| chain[head].id_text()).collect();
    let is_plain = |id: &&str| {
        id.chars().all(|character| character.is_alphanumeric() || "_.".contains(character))
    };
    let is_known = down.len() == heads.len() && down.iter().all(is_plain);
    if !is_known || !chain.cycles().is_empty() {
        return None;
    }
    let like = &chain[head];
    let fresh = ids::fresh_id(chain, &down);
    let message = draft::message(&down);
    let inherited = || like.header.create_date.as_ref().map(|field| field.text.to_string());
    let date = made.map(|made| made.text.clone()).or_else(inherited).unwrap_or_default();
    let title = format!("merge {}", listed(down.iter().copied()));
    let draft = Draft { id: &fresh, message: &message, down, date, content: Content::Nothing };
    let born = made.map_or_else(|| create_date(like), |made| Some(CreateDate::from(made)));
    let path = path(view, &draft, Some(like), born)?;
    let text = text(view, &draft, Some(like));
    Some(Fix::risky(title, vec![Edit::Create { path, text }]))
}

/// The file of a revision that comes after `head` and does what the lines say; `None` where that is no head,
/// or where a head of this id is asked for.
pub(crate) fn after(
    view: &ChainView<'_>,
    head: RevisionIndex,
    message: &str,
    content: Content<'_>,
) -> Option<Edit> {
    let chain = view.chain;
    let like = &chain[head];
    let id = like.id_text()?;
    let is_sound = chain.is_head(head) && chain.cycles().is_empty();
    let is_declared = view.settings.heads.iter().any(|declared| declared == id);
    let source = view.sources.file(like.file);
    if !is_sound || is_declared || draft::has_several_databases(like, source.text()) {
        return None;
    }
    let fresh = ids::fresh_id(chain, &[id, message]);
    let date = like.header.create_date.as_ref().map(|field| field.text.to_string());
    let date = date.unwrap_or_default();
    let draft = Draft { id: &fresh, message, down: vec![id], date, content };
    let path = path(view, &draft, Some(like), create_date(like))?;
    Some(Edit::Create { path, text: text(view, &draft, Some(like)) })
}

fn text(view: &ChainView<'_>, draft: &Draft<'_>, like: Option<&Revision>) -> String {
    let like = like.map(|like| (like, view.sources.file(like.file).text()));
    draft::text(draft, view.standing.template.as_deref(), like)
}

/// Where the file belongs: beside `like`, else in the first version folder.
fn path(
    view: &ChainView<'_>,
    draft: &Draft<'_>,
    like: Option<&Revision>,
    date: Option<CreateDate>,
) -> Option<PathBuf> {
    let environment = view.environment;
    let name = file_names::file_name(environment, draft.id, draft.message, date)
        .unwrap_or_else(|| file_names::default_file_name(draft.id, draft.message));
    let beside = like.and_then(|like| view.sources.file(like.file).path().parent());
    let first = environment.version_dirs.first().map(PathBuf::as_path);
    Some(beside.or(first)?.join(name))
}

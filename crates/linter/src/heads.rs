//! Heads that belong together.

use chain::RevisionIndex;

use crate::ChainView;
use crate::links::Structure;

/// The heads that belong together and are more than one: those of each history, or where heads are
/// declared, those that share a declared name.
pub(crate) fn forks(view: &ChainView<'_>) -> Vec<Vec<RevisionIndex>> {
    let structure = Structure::of(view);
    let parts = structure.parts.iter();
    let declared = &view.settings.heads;
    let groups: Vec<Vec<RevisionIndex>> = if declared.is_empty() {
        parts.map(|part| part.heads.clone()).collect()
    } else {
        let of_name = declared.iter().map(|name| heads_of_name(view, &structure, name).0);
        let within = of_name.flat_map(|heads| {
            structure.parts.iter().map(move |part| {
                heads.iter().copied().filter(|head| part.heads.contains(head)).collect()
            })
        });
        within.collect()
    };
    groups.into_iter().filter(|heads| heads.len() > 1).collect()
}

/// The heads that a declared name stands for, and whether it is the id or the label of a head: one
/// by its id, else those with the label, else those that come after the revision of that name.
pub(crate) fn heads_of_name(
    view: &ChainView<'_>,
    structure: &Structure,
    name: &str,
) -> (Vec<RevisionIndex>, bool) {
    let chain = view.chain;
    let heads = || structure.parts.iter().flat_map(|part| &part.heads).copied();
    let has_id = |head: RevisionIndex, name: &str| chain[head].id_text() == Some(name);
    if let Some(head) = heads().find(|&head| has_id(head, name)) {
        return (vec![head], true);
    }
    // A label spreads to all that comes after, also to heads that are declared by their own id.
    let is_by_id = |head| view.settings.heads.iter().any(|name| has_id(head, name));
    let labelled: Vec<RevisionIndex> =
        heads().filter(|&head| !is_by_id(head) && chain.labels(head).contains(&name)).collect();
    if !labelled.is_empty() {
        return (labelled, true);
    }
    let after = chain.find(name).map(|index| {
        heads().filter(|&head| chain.is_down_ancestor(index, head) && !is_by_id(head)).collect()
    });
    (after.unwrap_or_default(), false)
}

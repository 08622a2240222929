//! Random chains, read by us and by real Alembic: the same heads, bases, branch points, merge
//! points, labels, links, order and outcome, but for the exceptions listed here by name.

mod support;

#[path = "support/graphs.rs"]
mod graphs;
#[path = "support/oracle.rs"]
mod oracle;

use std::collections::BTreeSet;

use chain::alembic::{self, LoadError};
use chain::{Chain, RevisionIndex};
use graphs::{File, Value};
use oracle::Answer;

/// Where Alembic is wrong or has no order of its own, and is not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Exception {
    /// It accepts a cycle whose members hang between a base and a head; labels and order of such
    /// a chain mean nothing.
    UnseenCycle,
    /// Over some of those, `history` never ends.
    EndlessHistory,
    /// A file whose id a later one has stays among its heads and bases, and its links are lost,
    /// so that what it revises becomes a head.
    StaleHeads,
    /// The labels of such a file go up from it, and bring its links back.
    StaleLabels,
    /// An id without characters counts as none on a label's way up.
    EmptyId,
    /// `history` of a chain with such a file fails or lists it.
    StaleHistory,
    /// A revision with two dependencies or more: `history` follows the order of a Python set.
    UnorderedHistory,
    /// A revision named `head`, `heads`, `base` or `current` cannot be asked for.
    ReservedId,
    /// It reports a cycle where there is none, as `depends_on = ""` leaves no base.
    NoCycle,
    /// It names revisions as cyclic that only come after a cycle.
    InnocentInCycle,
    /// What is not text ends in another Python exception, by what it is.
    NotText,
}

const ALL: [Exception; 11] = [
    Exception::UnseenCycle,
    Exception::EndlessHistory,
    Exception::StaleHeads,
    Exception::StaleLabels,
    Exception::StaleHistory,
    Exception::EmptyId,
    Exception::UnorderedHistory,
    Exception::ReservedId,
    Exception::NoCycle,
    Exception::InnocentInCycle,
    Exception::NotText,
];

#[test]
fn random_chains_are_to_us_what_they_are_to_alembic() {
    let found = compare(0..2_000);
    for exception in ALL {
        assert!(found.contains(&exception), "{exception:?} is listed but never met");
    }
}

#[test]
#[ignore = "takes minutes: ten times as many chains"]
fn many_more_random_chains_are_to_us_what_they_are_to_alembic() {
    for start in (1_000_000..1_020_000).step_by(2_000) {
        compare(start..start + 2_000);
    }
}

/// Compares the chains of these seeds and says which exceptions they met.
fn compare(seeds: std::ops::Range<u64>) -> BTreeSet<Exception> {
    let cases: Vec<Vec<File>> = seeds.clone().map(graphs::random_chain).collect();
    let mut met = Vec::new();
    let mut loaded = 0;
    for ((seed, files), answer) in seeds.zip(&cases).zip(graphs::ask(&cases)) {
        loaded += usize::from(answer.outcome == "ok");
        let mut here = BTreeSet::new();
        if let Err(difference) = differences(files, &answer, &mut here) {
            fail(seed, files.clone(), difference);
        }
        met.extend(here);
    }
    println_counts(cases.len(), loaded, &met);
    assert!(loaded * 2 > cases.len(), "most chains are to load, only {loaded} do");
    met.into_iter().collect()
}

#[expect(clippy::print_stdout, reason = "shown with --nocapture: how often each exception is met")]
fn println_counts(count: usize, loaded: usize, met: &[Exception]) {
    println!("{count} chains, of which Alembic loads {loaded}");
    for exception in ALL {
        println!("{exception:?}: {}", met.iter().filter(|&&other| other == exception).count());
    }
}

/// Fails with the smallest chain that can be found to differ.
fn fail(seed: u64, mut files: Vec<File>, mut difference: String) -> ! {
    loop {
        let smaller = smaller(&files);
        let answers = graphs::ask(&smaller);
        let found = smaller.into_iter().zip(answers).find_map(|(files, answer)| {
            let difference = differences(&files, &answer, &mut BTreeSet::new()).err()?;
            Some((files, difference))
        });
        let Some(found) = found else { break };
        (files, difference) = found;
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    let texts: Vec<String> =
        files.iter().map(|file| format!("# {}\n{}", file.name, file.text())).collect();
    panic!("seed {seed}: {difference}\n\n{}", texts.join("\n"));
}

/// The chain with some files, one file or one name less, most first.
fn smaller(files: &[File]) -> Vec<Vec<File>> {
    let mut smaller = Vec::new();
    let mut size = files.len() / 2;
    while size > 1 {
        for start in (0..files.len()).step_by(size) {
            let mut without = files.to_vec();
            without.drain(start..(start + size).min(files.len()));
            smaller.push(without);
        }
        size /= 2;
    }
    for at in 0..files.len() {
        let mut without = files.to_vec();
        without.remove(at);
        smaller.push(without);
        let fields: [fn(&mut File) -> &mut Option<Value>; 3] =
            [|file| &mut file.down, |file| &mut file.depends_on, |file| &mut file.labels];
        for field in fields {
            let mut less = files.to_vec();
            if let Some(Value::Names(names)) = field(&mut less[at])
                && names.pop().is_some()
            {
                smaller.push(less);
            }
        }
    }
    smaller
}

fn differences(
    files: &[File],
    answer: &Answer,
    met: &mut BTreeSet<Exception>,
) -> Result<(), String> {
    let chain = graphs::link(files);
    let Some(result) = alembic::load(&chain) else {
        return Err("a literal chain is not dynamic".to_owned());
    };
    let loaded = match result {
        Ok(loaded) => loaded,
        Err(error) => return same_failure(&chain, &error, answer, met),
    };
    same("outcome", &answer.outcome, &"ok".to_owned())?;
    let ids = |indices: &[RevisionIndex]| ids(&chain, indices);
    same("heads", &answer.heads, &ids(&loaded.heads))?;
    same("real heads", &answer.real_heads, &ids(&loaded.real_heads))?;
    same("bases", &answer.bases, &ids(&loaded.bases))?;
    same("real bases", &answer.real_bases, &ids(&loaded.real_bases))?;
    same("branch points", &sorted(&answer.branch_points), &sorted(&ids(&loaded.branch_points)))?;
    same("merge points", &sorted(&answer.merge_points), &sorted(&ids(&loaded.merge_points)))?;
    if chain.duplicates().is_empty() {
        same("own heads", &ids(chain.heads()), &ids(&loaded.heads))?;
        same("own real heads", &ids(chain.real_heads()), &ids(&loaded.real_heads))?;
        same("own bases", &ids(chain.bases()), &ids(&loaded.bases))?;
        same("own real bases", &ids(chain.real_bases()), &ids(&loaded.real_bases))?;
        same("own branch points", &ids(chain.branch_points()), &ids(&loaded.branch_points))?;
        same("own merge points", &ids(chain.merge_points()), &ids(&loaded.merge_points))?;
        same_links(&chain, answer)?;
    } else if ids(chain.heads()) != ids(&loaded.heads) {
        met.insert(Exception::StaleHeads);
    }
    same_labels(&chain, answer, met)?;
    same_history(&chain, answer, met)
}

fn same_failure(
    chain: &Chain,
    error: &LoadError,
    answer: &Answer,
    met: &mut BTreeSet<Exception>,
) -> Result<(), String> {
    let not_text = chain.broken_links().iter().any(|link| !link.entry(chain).is_text);
    if not_text && answer.outcome == "TypeError" && error.exception() == "KeyError" {
        met.insert(Exception::NotText);
        return Ok(());
    }
    same("outcome", &answer.outcome, &error.exception().to_owned())?;
    match error {
        LoadError::Loop(_) => same("loop", &answer.named, &ids(chain, error.revisions())),
        LoadError::Cycle(_) | LoadError::DependencyCycle(_) => {
            let innocent = |index: &RevisionIndex| {
                chain.cycles().iter().all(|cycle| !cycle.members.contains(index))
            };
            if chain.cycles().is_empty() {
                met.insert(Exception::NoCycle);
            } else if error.revisions().iter().any(innocent) {
                met.insert(Exception::InnocentInCycle);
            }
            let named = ids(chain, error.revisions());
            same("cycle", &sorted(&answer.named), &sorted(&named))
        }
        // Of other failures Alembic names one of several, by the order of a set, or none.
        _ => Ok(()),
    }
}

fn same_links(chain: &Chain, answer: &Answer) -> Result<(), String> {
    for (id, theirs) in &answer.revisions {
        let Some(index) = chain.find(id) else { return Err(format!("{id:?} is not found")) };
        let down: Vec<String> = chain[index].down_revisions().map(str::to_owned).collect();
        same("down revisions", &theirs.down, &down)?;
        let dependencies: Vec<RevisionIndex> = chain.dependencies(index).collect();
        let mut theirs_once = theirs.dependencies.clone();
        let mut seen = BTreeSet::new();
        theirs_once.retain(|dependency| seen.insert(dependency.clone()));
        same("dependencies", &theirs_once, &ids(chain, &dependencies))?;
        let children: Vec<RevisionIndex> = chain.children(index).collect();
        same("children", &theirs.next, &sorted(&ids(chain, &children)))?;
    }
    same("revisions", &answer.revisions.len(), &chain.len())
}

fn same_labels(
    chain: &Chain,
    answer: &Answer,
    met: &mut BTreeSet<Exception>,
) -> Result<(), String> {
    if !chain.cycles().is_empty() {
        met.insert(Exception::UnseenCycle);
        return Ok(());
    }
    let is_stale = |(index, revision): (RevisionIndex, &revision::Revision)| {
        chain.is_shadowed(index) && revision.labels().next().is_some()
    };
    if chain.iter().any(is_stale) {
        met.insert(Exception::StaleLabels);
        return Ok(());
    }
    if chain.find("").is_some() {
        met.insert(Exception::EmptyId);
        return Ok(());
    }
    for (id, theirs) in &answer.revisions {
        let Some(index) = chain.find(id) else { return Err(format!("{id:?} is not found")) };
        let ours: Vec<String> = chain.labels(index).into_iter().map(str::to_owned).collect();
        same(&format!("labels of {id:?}"), &theirs.labels, &ours)?;
    }
    Ok(())
}

fn same_history(
    chain: &Chain,
    answer: &Answer,
    met: &mut BTreeSet<Exception>,
) -> Result<(), String> {
    let reserved = ["head", "heads", "base", "current"];
    let exception = if !chain.cycles().is_empty() {
        (answer.history_outcome == "TooLong").then(|| met.insert(Exception::EndlessHistory));
        return Ok(());
    } else if !chain.duplicates().is_empty() {
        Exception::StaleHistory
    } else if chain
        .revisions()
        .iter()
        .any(|each| each.id_text().is_some_and(|id| reserved.contains(&id)))
    {
        Exception::ReservedId
    } else if answer.history_outcome == "unordered" {
        Exception::UnorderedHistory
    } else {
        same("outcome of history", &answer.history_outcome, &"ok".to_owned())?;
        return same("history", &answer.history, &ids(chain, chain.order()));
    };
    met.insert(exception);
    Ok(())
}

fn ids(chain: &Chain, indices: &[RevisionIndex]) -> Vec<String> {
    indices.iter().map(|&index| chain[index].id_text().unwrap_or("?").to_owned()).collect()
}

fn sorted(ids: &[String]) -> Vec<String> {
    let mut ids = ids.to_vec();
    ids.sort();
    ids
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, theirs: &T, ours: &T) -> Result<(), String> {
    if theirs == ours {
        return Ok(());
    }
    Err(format!("{what}: Alembic has {theirs:?}, we have {ours:?}"))
}

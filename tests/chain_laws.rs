//! Laws that hold for the chain of any files, sound or not.

mod support;

#[path = "support/graphs.rs"]
mod graphs;
#[path = "support/oracle.rs"]
mod oracle;

use std::collections::{BTreeSet, VecDeque};
use std::sync::LazyLock;

use chain::{Chain, Cycle, LinkField, RevisionIndex};
use graphs::{File, Random, Value};

const COUNT: u64 = 1_000;

#[test]
fn heads_are_what_nothing_revises() {
    for_each_chain(|chain, _| {
        let revised: BTreeSet<RevisionIndex> =
            chain.indices().flat_map(|index| chain.down(index)).collect();
        for index in chain.indices().filter(|&index| !chain.is_shadowed(index)) {
            assert_eq!(chain.heads().contains(&index), !revised.contains(&index));
        }
        assert!(chain.real_heads().iter().all(|head| chain.heads().contains(head)));
        assert!(chain.real_bases().iter().all(|base| chain.bases().contains(base)));
    });
}

#[test]
fn edges_are_the_same_from_both_ends() {
    for_each_chain(|chain, _| {
        for index in chain.indices() {
            for down in chain.down(index) {
                assert_eq!(chain.children(down).filter(|&child| child == index).count(), 1);
            }
            for dependency in chain.dependencies(index) {
                let back = chain.dependents(dependency);
                assert_eq!(back.filter(|&dependent| dependent == index).count(), 1);
            }
            for child in chain.children(index) {
                assert!(chain.down(child).any(|down| down == index));
                let (field, entry) = chain.link(child, index).expect("they are linked");
                assert_eq!(field, LinkField::DownRevision);
                assert_eq!(chain.find(&entry.text), Some(index));
            }
        }
    });
}

#[test]
fn every_entry_leads_somewhere_or_is_broken_or_a_loop() {
    for_each_chain(|chain, _| {
        for (index, revision) in chain.iter() {
            let broken = |field| {
                let links = chain.broken_links().iter();
                links.filter(|link| link.revision == index && link.field == field).count()
            };
            let down: BTreeSet<&str> = revision.down_revisions().collect();
            let known = down.iter().filter(|&&down| chain.find(down).is_some());
            let other = known.filter(|&&down| Some(down) != revision.id_text()).count();
            assert_eq!(chain.down(index).count(), other);
            let entries = revision.down_revision.entries().iter();
            let lost = entries.filter(|e| !e.is_text || chain.find(&e.text).is_none()).count();
            assert_eq!(broken(LinkField::DownRevision), lost);
        }
    });
}

#[test]
fn order_has_every_revision_once_before_what_it_follows() {
    for_each_chain(|chain, _| {
        let mut place = vec![None; chain.len()];
        for (at, index) in chain.order().iter().enumerate() {
            assert_eq!(place[index.index()].replace(at), None);
        }
        assert!(place.iter().all(Option::is_some));
        for index in chain.indices() {
            for below in chain.down(index).chain(chain.dependencies(index)) {
                let is_cyclic = chain.is_ancestor(index, below);
                assert!(is_cyclic || place[index.index()] < place[below.index()]);
            }
        }
        let mut upgrade: Vec<RevisionIndex> = chain.upgrade_order().collect();
        upgrade.reverse();
        assert_eq!(upgrade, chain.order());
    });
}

#[test]
fn ancestry_is_what_following_links_reaches() {
    for_each_chain(|chain, _| {
        for index in chain.indices().take(12) {
            let all = follow(chain, index, true);
            let down = follow(chain, index, false);
            for other in chain.indices().filter(|&other| other != index) {
                assert_eq!(chain.is_ancestor(other, index), all.contains(&other));
                assert_eq!(chain.is_down_ancestor(other, index), down.contains(&other));
                assert_eq!(chain.descendants(other).contains(&index), all.contains(&other));
            }
            let ancestors: BTreeSet<RevisionIndex> = chain.ancestors(index).into_iter().collect();
            let others: BTreeSet<RevisionIndex> =
                all.into_iter().filter(|&other| other != index).collect();
            assert_eq!(ancestors, others);
        }
    });
}

#[test]
fn cycles_are_all_that_comes_after_itself_and_the_shortest_is_shown() {
    let mut shown = 0;
    for_each_chain(|chain, _| {
        let members: BTreeSet<RevisionIndex> =
            chain.cycles().iter().flat_map(|cycle| cycle.members.iter().copied()).collect();
        for index in chain.indices() {
            let is_own_ancestor = follow(chain, index, true).contains(&index);
            assert!(!is_own_ancestor || members.contains(&index));
        }
        for cycle in chain.cycles() {
            check_cycle(chain, cycle);
            shown += 1;
        }
    });
    assert!(shown > 100, "{shown} cycles are too few to tell");
}

fn check_cycle(chain: &Chain, cycle: &Cycle) {
    assert_eq!(cycle.revisions.len(), cycle.fields.len());
    let after = cycle.revisions.iter().cycle().skip(1);
    for ((&from, &to), field) in cycle.revisions.iter().zip(after).zip(&cycle.fields) {
        assert!(cycle.members.contains(&from));
        let names = field.links(&chain[from]).texts().any(|name| match field {
            LinkField::DownRevision => {
                chain.find(name).is_some_and(|named| is_same(chain, named, to))
            }
            LinkField::DependsOn => {
                chain.find_id_or_label(name).is_some_and(|named| is_same(chain, named, to))
            }
        });
        assert!(names);
    }
    if cycle.revisions.len() > 1 {
        let lengths = cycle.members.iter().filter_map(|&member| shortest_way(chain, member));
        assert_eq!(lengths.min(), Some(cycle.revisions.len()));
    }
}

fn is_same(chain: &Chain, a: RevisionIndex, b: RevisionIndex) -> bool {
    a == b || chain[a].id_text().is_some() && chain[a].id_text() == chain[b].id_text()
}

#[test]
fn duplicates_are_shadowed_by_the_last_file() {
    for_each_chain(|chain, _| {
        let duplicates = chain.duplicates();
        for duplicate in &duplicates {
            let (last, others) = duplicate.revisions.split_last().expect("two or more");
            assert!(!others.is_empty() && others.iter().all(|other| chain.is_shadowed(*other)));
            assert_eq!(chain.find(&duplicate.id), Some(*last));
            assert!(others.iter().all(|&other| chain.children(other).next().is_none()));
        }
        let shadowed = chain.indices().filter(|&index| chain.is_shadowed(index)).count();
        let listed: usize = duplicates.iter().map(|each| each.revisions.len() - 1).sum();
        assert_eq!(shadowed, listed);
    });
}

#[test]
fn prefixes_find_the_ids_that_start_with_them() {
    for_each_chain(|chain, _| {
        for (_, revision) in chain.iter().take(5) {
            let Some(id) = revision.id_text() else { continue };
            let prefix: String = id.chars().take(2).collect();
            let found: BTreeSet<RevisionIndex> = chain.find_prefix(&prefix).collect();
            let starts = |index: &RevisionIndex| {
                chain[*index].id_text().is_some_and(|other| other.starts_with(&prefix))
                    && !chain.is_shadowed(*index)
            };
            assert_eq!(found, chain.indices().filter(starts).collect());
        }
    });
}

#[test]
fn file_names_change_no_answer_that_is_not_about_order() {
    for_each_chain(|chain, files| {
        if !chain.duplicates().is_empty() || !chain.label_collisions().is_empty() {
            return;
        }
        let mut random = Random::new(files.len() as u64);
        let mut shuffled = files.to_vec();
        // A file without `revision` is known by its name.
        for file in shuffled.iter_mut().filter(|file| file.id.is_some()) {
            file.name = format!("{:08x}_.py", random.below(1 << 32));
        }
        let other = graphs::link(&shuffled);
        let questions: [fn(&Chain) -> &[RevisionIndex]; 6] = [
            Chain::heads,
            Chain::real_heads,
            Chain::bases,
            Chain::real_bases,
            Chain::branch_points,
            Chain::merge_points,
        ];
        for question in questions {
            assert_eq!(texts(chain, question(chain)), texts(&other, question(&other)));
        }
        let labels = |chain: &Chain| -> BTreeSet<(Option<String>, Vec<String>)> {
            chain
                .iter()
                .map(|(index, revision)| {
                    let labels = chain.labels(index).into_iter().map(str::to_owned).collect();
                    (revision.id_text().map(str::to_owned), labels)
                })
                .collect()
        };
        if chain.cycles().is_empty() {
            assert_eq!(labels(chain), labels(&other));
        }
    });
}

#[test]
fn a_merge_of_a_revision_and_its_ancestor_is_redundant() {
    for_each_chain(|chain, _| {
        for index in chain.indices() {
            let entries = chain[index].down_revision.entries();
            let targets: Vec<RevisionIndex> =
                chain[index].down_revisions().filter_map(|down| chain.find(down)).collect();
            let distinct: BTreeSet<RevisionIndex> = targets.iter().copied().collect();
            let is_under = |low: &&RevisionIndex| {
                distinct
                    .iter()
                    .any(|&high| high != **low && follow(chain, high, false).contains(low))
            };
            let expected =
                targets.len() - distinct.len() + distinct.iter().filter(is_under).count();
            assert_eq!(chain.redundant_downs(index).len(), expected);
            for redundant in chain.redundant_downs(index) {
                let named = |at: usize| chain.find(&entries[at].text).expect("it exists");
                match redundant.redundancy {
                    chain::Redundancy::Repeats(first) => {
                        assert_eq!(named(first), named(redundant.entry));
                    }
                    chain::Redundancy::AncestorOf(other) => {
                        assert!(
                            follow(chain, named(other), false).contains(&named(redundant.entry))
                        );
                    }
                }
            }
        }
    });
}

#[test]
fn labels_that_are_taken_collide() {
    for_each_chain(|chain, _| {
        for collision in chain.label_collisions() {
            let label = &chain[collision.revision].branch_labels.entries()[collision.entry].text;
            if collision.is_id {
                assert_eq!(chain[collision.other].id_text(), Some(&**label));
            } else {
                assert!(chain[collision.other].labels().any(|other| other == &**label));
                assert!(collision.other <= collision.revision);
            }
        }
        let declared: Vec<&str> =
            chain.revisions().iter().flat_map(revision::Revision::labels).collect();
        let distinct: BTreeSet<&str> =
            declared.iter().copied().filter(|label| chain.find(label).is_none()).collect();
        assert_eq!(chain.label_collisions().len(), declared.len() - distinct.len());
    });
}

#[test]
fn nothing_loaded_is_no_fault() {
    let chain = Chain::new(Vec::new());
    assert!(chain.is_empty() && chain.heads().is_empty() && chain.order().is_empty());
    assert_eq!(chain.load_error(), None);
}

/// Asks `question` about many chains.
fn for_each_chain(mut question: impl FnMut(&Chain, &[File])) {
    static CHAINS: LazyLock<Vec<(Vec<File>, Chain)>> = LazyLock::new(|| {
        let linked = |files: Vec<File>| {
            let chain = graphs::link(&files);
            (files, chain)
        };
        (0..COUNT).map(graphs::random_chain).map(linked).collect()
    });
    for (files, chain) in &*CHAINS {
        question(chain, files);
    }
}

fn texts(chain: &Chain, indices: &[RevisionIndex]) -> BTreeSet<Option<String>> {
    indices.iter().map(|&index| chain[index].id_text().map(str::to_owned)).collect()
}

/// What links lead to from `start`, `start` itself only where they come back to it.
fn follow(chain: &Chain, start: RevisionIndex, with_dependencies: bool) -> BTreeSet<RevisionIndex> {
    let mut reached = BTreeSet::new();
    let mut todo = vec![start];
    while let Some(index) = todo.pop() {
        let dependencies = chain.dependencies(index).filter(|_| with_dependencies);
        for next in chain.down(index).chain(dependencies) {
            if reached.insert(next) {
                todo.push(next);
            }
        }
    }
    reached
}

/// How many revisions the shortest cycle through `start` has.
fn shortest_way(chain: &Chain, start: RevisionIndex) -> Option<usize> {
    let mut seen = BTreeSet::new();
    let mut todo = VecDeque::from([(start, 1)]);
    while let Some((index, length)) = todo.pop_front() {
        for next in chain.down(index).chain(chain.dependencies(index)) {
            if next == start {
                return Some(length);
            }
            if seen.insert(next) {
                todo.push_back((next, length + 1));
            }
        }
    }
    None
}

#[test]
fn a_name_may_be_an_expression_that_is_none() {
    let mut odd = file("a", &[]);
    odd.down = Some(Value::Odd("(\"b\", None)"));
    let chain = graphs::link(&[odd]);
    assert_eq!(chain.broken_links().len(), 2);
    assert_eq!(chain.merge_points().len(), 1);
}

#[test]
fn a_cycle_that_alembic_accepts_is_found() {
    let files = [file("r", &[]), file("a", &["r", "b"]), file("b", &["a"]), file("h", &["b"])];
    let chain = graphs::link(&files);
    assert_eq!(chain.load_error(), None);
    let [cycle] = chain.cycles() else { panic!("one cycle") };
    assert_eq!(texts(&chain, &cycle.members), texts(&chain, &cycle.revisions));
    assert_eq!(cycle.members.len(), 2);
    assert_eq!(chain.heads(), [chain.find("h").expect("it is there")]);
}

#[test]
fn a_head_that_something_depends_on_is_no_real_head() {
    let mut dependent = file("b", &[]);
    dependent.depends_on = Some(Value::Names(vec!["core".to_owned()]));
    let mut labelled = file("a", &[]);
    labelled.labels = Some(Value::Names(vec!["core".to_owned()]));
    let chain = graphs::link(&[labelled, dependent]);
    let index = |id| chain.find(id).expect("it is there");
    assert_eq!(chain.heads(), [index("a"), index("b")]);
    assert_eq!(chain.real_heads(), [index("b")]);
    assert_eq!(chain.real_bases(), [index("a")]);
    assert_eq!(chain.find_label("core"), Some(index("a")));
    assert_eq!(chain.labels(index("a")), ["core"]);
    assert!(chain.labels(index("b")).is_empty());
}

#[test]
fn a_down_revision_that_is_a_label_is_broken_and_says_so() {
    let mut labelled = file("a", &[]);
    labelled.labels = Some(Value::Names(vec!["core".to_owned()]));
    let chain = graphs::link(&[labelled, file("b", &["core"])]);
    let [link] = chain.broken_links() else { panic!("one broken link") };
    assert_eq!(&*link.entry(&chain).text, "core");
    assert_eq!(link.label, chain.find("a"));
    let error = chain.load_error().expect("Alembic fails");
    assert_eq!(error.to_string(), "every alembic command fails with `KeyError`");
}

fn file(id: &str, down: &[&str]) -> File {
    File {
        name: format!("{id}.py"),
        id: Some(Value::Names(vec![id.to_owned()])),
        down: Some(Value::Names(down.iter().map(|&down| down.to_owned()).collect())),
        depends_on: None,
        labels: None,
        spelling: 0,
    }
}

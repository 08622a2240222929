//! Chains of 100,000 revisions in every shape: nothing overflows, nothing grows quadratically.

use std::fmt::Write as _;
use std::time::Instant;

use chain::{Chain, RevisionIndex};
use diagnostics::{FileId, Span};
use revision::{Declared, Entries, Entry, Id, Links, Revision, Spelling};

const MANY: usize = 100_000;

#[test]
fn a_line() {
    let chain = build("line", |at| (before(at), vec![], vec![]));
    assert_eq!((chain.heads().len(), chain.bases().len()), (1, 1));
    assert!(chain.order().is_sorted_by(|a, b| a > b));
    let [first, .., last] = &chain.indices().collect::<Vec<_>>()[..] else { panic!("many") };
    assert!(chain.is_ancestor(*first, *last) && !chain.is_ancestor(*last, *first));
    assert_eq!(chain.ancestors(*last).len(), MANY - 1);
    assert_eq!(chain.load_error(), None);
}

#[test]
fn a_line_where_all_are_labelled() {
    let chain = build("labels", |at| (before(at), vec![], vec![format!("label{at}")]));
    let middle = chain.find("r50000").expect("it is there");
    assert_eq!(chain.labels(middle).len(), MANY);
}

#[test]
fn a_forked_line_where_all_are_labelled() {
    let down = |at: usize| if at + 1 == MANY { vec![at - 2] } else { before(at) };
    let chain = build("forked", |at| (down(at), vec![], vec![format!("label{at}")]));
    assert_eq!(chain.labels(chain.heads()[0]).len(), MANY - 1);
    assert_eq!(chain.labels(chain.bases()[0]).len(), 1);
}

#[test]
fn a_ring() {
    let chain = build("ring", |at| (vec![(at + 1) % MANY], vec![], vec![]));
    let [cycle] = chain.cycles() else { panic!("one cycle") };
    assert_eq!(cycle.revisions.len(), MANY);
    assert!(chain.load_error().is_some());
}

#[test]
fn a_line_that_comes_back_many_times() {
    let down = |at: usize| if at == 0 { vec![MANY - 1] } else { vec![at - 1, at / 2] };
    let chain = build("tangle", |at| (down(at), vec![], vec![]));
    assert_eq!(chain.cycles().len(), 1);
    assert_eq!(chain.order().len(), MANY);
}

#[test]
fn a_star() {
    let chain = build("star", |at| (if at == 0 { vec![] } else { vec![0] }, vec![], vec![]));
    assert_eq!(chain.heads().len(), MANY - 1);
    assert_eq!(chain.branch_points().len(), 1);
}

#[test]
fn a_star_that_is_merged() {
    let down = |at: usize| match at {
        0 => vec![],
        _ if at + 1 == MANY => (1..at).collect(),
        _ => vec![0],
    };
    let chain = build("merged star", |at| (down(at), vec![], vec![]));
    assert_eq!((chain.heads().len(), chain.merge_points().len()), (1, 1));
}

#[test]
fn diamonds() {
    let down = |at: usize| match (at, at % 3) {
        (0, _) => vec![],
        (_, 0) => vec![at - 1, at - 2],
        (_, phase) => vec![at - phase],
    };
    let chain = build("diamonds", |at| (down(at), vec![], vec![]));
    assert_eq!(chain.bases().len(), 1);
    for &merge in chain.merge_points() {
        assert_eq!(chain.redundant_downs(merge), []);
    }
}

#[test]
fn many_branches_side_by_side() {
    let chain =
        build("branches", |at| (if at < 1000 { vec![] } else { vec![at - 1000] }, vec![], vec![]));
    assert_eq!((chain.heads().len(), chain.bases().len()), (1000, 1000));
}

#[test]
fn branches_that_depend_on_each_other() {
    let chain = build("dependencies", |at| {
        (if at < 2 { vec![] } else { vec![at - 2] }, before(at), vec![])
    });
    assert_eq!((chain.heads().len(), chain.real_heads().len()), (2, 1));
    assert!(chain.order().is_sorted_by(|a, b| a > b));
}

#[test]
fn all_depend_on_the_first() {
    let chain = build("one dependency", |at| match at {
        0 | 1 => (vec![], vec![], vec![]),
        _ => (vec![at - 1], vec![0], vec![]),
    });
    let first = chain.bases()[0];
    assert_eq!(chain.dependents(first).count(), MANY - 2);
}

#[test]
fn all_have_one_id() {
    let start = Instant::now();
    let chain = Chain::new((0..MANY).map(|at| revision(at, "same", &[], &[], &[])).collect());
    assert_eq!(chain.duplicates()[0].revisions.len(), MANY);
    tell("one id", start);
}

fn before(at: usize) -> Vec<usize> {
    at.checked_sub(1).into_iter().collect()
}

/// Links revisions `r0`, `r1`, … with what `of` gives: down revisions, dependencies, labels.
fn build(shape: &str, of: impl Fn(usize) -> (Vec<usize>, Vec<usize>, Vec<String>)) -> Chain {
    let names = |numbers: Vec<usize>| -> Vec<String> {
        numbers.into_iter().map(|number| format!("r{number}")).collect()
    };
    let revisions = (0..MANY).map(|at| {
        let (down, dependencies, labels) = of(at);
        revision(at, &format!("r{at}"), &names(down), &names(dependencies), &labels)
    });
    let revisions: Vec<Revision> = revisions.collect();
    let start = Instant::now();
    let chain = Chain::new(revisions);
    tell(shape, start);
    let start = Instant::now();
    chain.load_error();
    tell(&format!("{shape}, as Alembic loads it"), start);
    let orders: Vec<RevisionIndex> = chain.upgrade_order().collect();
    assert_eq!(orders.len(), MANY);
    chain
}

fn revision(
    at: usize,
    id: &str,
    down: &[String],
    dependencies: &[String],
    labels: &[String],
) -> Revision {
    let links = |names: &[String]| {
        Links::Declared(declared(Entries {
            spelling: Spelling::Tuple,
            entries: names.iter().map(|name| entry(name)).collect(),
        }))
    };
    let mut file_name = String::new();
    write!(file_name, "{at:06}.py").expect("a string can be written");
    let mut revision = Revision::unread(FileId::new(at), &file_name, "there is no file");
    revision.syntax_errors.clear();
    revision.id = Id::Declared(declared(entry(id)));
    revision.down_revision = links(down);
    revision.depends_on = links(dependencies);
    revision.branch_labels = links(labels);
    revision
}

fn declared<T>(value: T) -> Declared<T> {
    Declared { statement: Span::point(0), expression: Span::point(0), value }
}

fn entry(text: &str) -> Entry {
    Entry { span: Span::point(0), is_plain: true, text: text.into(), is_text: true }
}

#[expect(clippy::print_stdout, reason = "shown with --nocapture: how long each shape takes")]
fn tell(shape: &str, start: Instant) {
    println!("{shape}: {} ms", start.elapsed().as_millis());
}

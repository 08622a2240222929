//! Chains of a few lines, replayed: the way up, the way back, and up again.

use std::path::PathBuf;

use chain::Chain;
use diagnostics::{Encoding, FileId, SourceFile};
use python::interpret::Bounds;
use revision::Revision;
use schema::replay::{Input, NamingConvention, Replay, Run, replay};
use schema::state::{Baseline, Fault};
use sql::{Dialect, ObjectName};

const HEADER: &str = "import sqlalchemy as sa\nfrom alembic import op\n\n";

/// Replays revisions: id, down revision as Python, and the functions.
fn run(revisions: &[(&str, &str, &str)], dialect: Dialect) -> Replay {
    let read = |(index, (id, down, body)): (usize, &(&str, &str, &str))| {
        let text = format!("{HEADER}revision = '{id}'\ndown_revision = {down}\n\n{body}");
        let source = SourceFile::new(PathBuf::from(format!("{id}.py")), text, Encoding::UTF_8);
        Revision::read(FileId::new(index), &source)
    };
    let chain = Chain::new(revisions.iter().enumerate().map(read).collect());
    let input = Input {
        chain: &chain,
        dialect,
        baseline: Baseline::Empty,
        naming: NamingConvention::usual(),
        bounds: Bounds::SMALL,
    };
    replay(&input, &|_, _, _| None)
}

#[test]
fn an_enum_that_the_downgrade_leaves_stops_the_next_upgrade() {
    let body = "def upgrade():\n    op.create_table('t', sa.Column('k', sa.Enum('a', name='kind')))\n\n\ndef downgrade():\n    op.drop_table('t')\n";
    let replay = run(&[("a", "None", body)], Dialect::PostgreSql);
    let only = &replay.revisions[0];
    assert_eq!(only.up.faults().count(), 0);
    assert_eq!(only.down.as_ref().map(|down| down.faults().count()), Some(0));
    let again = only.up_again.as_ref().expect("there is a downgrade");
    let faults: Vec<&Fault> = again.faults().map(|(_, _, fault)| fault).collect();
    assert!(matches!(faults.as_slice(), [Fault::Duplicate { .. }]), "{faults:?}");
}

#[test]
fn a_merge_has_what_both_branches_made() {
    let make = |name: &str| {
        format!("def upgrade():\n    op.create_table('{name}', sa.Column('id', sa.Integer))\n")
    };
    let (base, left, right) = (make("base"), make("left"), make("right"));
    let replay = run(
        &[
            ("a", "None", &base),
            ("b", "'a'", &left),
            ("c", "'a'", &right),
            ("d", "('b', 'c')", "def upgrade():\n    pass\n"),
        ],
        Dialect::PostgreSql,
    );
    let has = |name: &str| replay.head.has_table(&ObjectName::bare(name));
    assert_eq!(
        [has("base"), has("left"), has("right"), has("other")],
        [Some(true), Some(true), Some(true), Some(false)]
    );
}

#[test]
fn an_error_that_is_caught_is_no_fault() {
    let body = "def upgrade():\n    try:\n        op.drop_table('nothing')\n    except Exception:\n        op.create_table('t', sa.Column('id', sa.Integer))\n";
    let replay = run(&[("a", "None", body)], Dialect::Sqlite);
    assert_eq!(replay.revisions[0].up.faults().count(), 0);
    assert_eq!(replay.head.has_table(&ObjectName::bare("t")), Some(true));
    // PostgreSQL has ended the transaction.
    let replay = run(&[("a", "None", body)], Dialect::PostgreSql);
    assert_eq!(replay.revisions[0].up.faults().count(), 1);
    assert_eq!(replay.head.has_table(&ObjectName::bare("t")), Some(false));
}

#[test]
fn a_guard_is_answered_from_the_replayed_schema() {
    let first = "def upgrade():\n    op.create_table('t', sa.Column('id', sa.Integer))\n";
    let second = "def upgrade():\n    inspector = sa.inspect(op.get_bind())\n    columns = [c['name'] for c in inspector.get_columns('t')]\n    if 'id' in columns and not inspector.has_table('u'):\n        op.add_column('t', sa.Column('more', sa.Text()))\n";
    let replay = run(&[("a", "None", first), ("b", "'a'", second)], Dialect::PostgreSql);
    assert!(replay.revisions[1].up.not_analysed.is_empty());
    assert!(replay.revisions[1].up.assumptions.is_empty());
    let table = replay.head.table(&ObjectName::bare("t")).expect("it was made");
    assert_eq!(table.has_column("more"), Some(true));
}

/// What an application gives is not known, but the statements are known to change rows only.
#[test]
fn a_text_of_which_a_piece_is_not_known_is_read_as_far_as_it_goes() {
    let body = "def upgrade():\n    bind = op.get_bind()\n    size = bind.execute(sa.text('SELECT 1')).scalar()\n    op.execute(f'UPDATE t SET n = {size} WHERE n IS NULL')\n    op.execute('DELETE FROM t WHERE n > %s' % size)\n    op.execute('INSERT INTO t VALUES ({})'.format(size).strip())\n    op.execute('DELETE FROM t WHERE n = ' + size)\n    query = sa.select(sa.column('n'))\n    if size:\n        query = query.where(sa.column('n') > size)\n    while bind.execute(query.limit(5)).all():\n        query = query.order_by(sa.column('n'))\n";
    let replay = run(&[("a", "None", body)], Dialect::PostgreSql);
    let up = &replay.revisions[0].up;
    assert!(up.not_analysed.is_empty(), "{:?}", up.not_analysed);
    let texts: Vec<String> = up
        .steps
        .iter()
        .flat_map(|step| &step.statements)
        .map(|sent| sent.statement.written(Dialect::PostgreSql))
        .filter(|text| !text.is_empty())
        .collect();
    assert_eq!(texts[1], "UPDATE t SET n = /* known to a run only */ WHERE n IS NULL");
    assert_eq!(texts[3], "INSERT INTO t VALUES (/* known to a run only */)");
}

/// A name that is only in part known names nothing, and what is cut out of a text is no text.
#[test]
fn a_piece_that_is_not_known_is_no_claim() {
    let body = "def upgrade():\n    suffix = op.get_bind().execute(sa.text('SELECT 1')).scalar()\n    op.create_table('t', sa.Column('n', sa.Integer))\n    op.execute(f'DROP TABLE t{suffix}')\n    op.execute(f'{suffix}, DROP TABLE u'.split(', ')[1])\n    op.execute(f'{suffix!r}DROP TABLE v'.replace('v', 'w'))\n";
    let replay = run(&[("a", "None", body)], Dialect::PostgreSql);
    let up = &replay.revisions[0].up;
    assert_eq!(up.not_analysed.len(), 3, "{:?}", up.not_analysed);
    assert_eq!(up.faults().count(), 0);
}

#[test]
fn the_replay_is_the_same_on_any_number_of_threads() {
    // Long enough for several pieces of work; every fifth downgrade leaves what it made, so that
    // the upgrade is run again and fails.
    let body = |number: usize| {
        let down = if number.is_multiple_of(5) { "pass" } else { "op.drop_table(NAME)" };
        let kind = format!("sa.Enum('a', 'b', name='kind_{number}')");
        format!(
            "NAME = 't{number}'\n\n\ndef upgrade():\n    op.create_table(NAME, sa.Column('id', \
             sa.Integer()), sa.Column('kind', {kind}))\n    if op.get_bind().execute(sa.text('SELECT 1')).scalar():\n        \
             op.add_column('t{}', sa.Column('more', sa.Text()))\n\n\ndef downgrade():\n    {down}\n",
            number / 2
        )
    };
    let texts: Vec<[String; 3]> = (0..150_usize)
        .map(|number| {
            let down = number.checked_sub(1).map_or("None".into(), |down| format!("'r{down}'"));
            [format!("r{number}"), down, body(number)]
        })
        .collect();
    let revisions: Vec<(&str, &str, &str)> =
        texts.iter().map(|[id, down, body]| (&**id, &**down, &**body)).collect();
    let told = || {
        let replay = run(&revisions, Dialect::PostgreSql);
        let of_run = |run: &Run| {
            let faults: Vec<_> = run.faults().map(|(step, _, fault)| (step.id, fault)).collect();
            format!("{faults:?} {:?} {:?} {:?}", run.not_analysed, run.assumptions, run.crash)
        };
        let told = replay.revisions.iter().map(|one| {
            let runs = [Some(&one.up), one.down.as_ref(), one.up_again.as_ref()];
            format!("{:?} {:?} {:?}", runs.map(|run| run.map(of_run)), one.verdict, one.places)
        });
        told.collect::<Vec<_>>()
    };
    let alone = told();
    assert!(alone[5].contains("Leaves"), "some downgrades leave something: {}", alone[5]);
    for threads in [1, 2, 5] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(16 << 20);
        let beside = pool.build().expect("threads").install(told);
        assert!(alone == beside, "on {threads} threads");
    }
}

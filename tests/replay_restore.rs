//! What is known of a downgrade, on chains of a few lines.

use std::path::PathBuf;

use chain::Chain;
use diagnostics::{Encoding, FileId, SourceFile};
use python::interpret::Bounds;
use revision::Revision;
use schema::replay::{Input, NamingConvention, Replay, replay};
use schema::restore::{
    Move, Verdict, better_order, cause, changes, changes_nothing, first_change, is_idle, stumbles,
};
use schema::state::{Aspect, Baseline, Difference, ObjectKind};
use sql::{ConstraintKind, Dialect, ObjectName};

const TABLE: &str = "def upgrade():\n    op.create_table('t', sa.Column('id', sa.Integer, primary_key=True), sa.Column('a', sa.String(5)))\n\n\ndef downgrade():\n    op.drop_table('t')\n";

/// Replays revisions, each on the one before.
fn run(bodies: &[String], baseline: Baseline) -> Replay {
    let read = |(index, body): (usize, &String)| {
        let down = index.checked_sub(1).map_or("None".to_owned(), |down| format!("'r{down}'"));
        let text = format!(
            "import sqlalchemy as sa\nfrom alembic import op\n\nrevision = 'r{index}'\n\
             down_revision = {down}\n\n{body}"
        );
        let path = PathBuf::from(format!("r{index}.py"));
        Revision::read(FileId::new(index), &SourceFile::new(path, text, Encoding::UTF_8))
    };
    let chain = Chain::new(bodies.iter().enumerate().map(read).collect());
    let input = Input {
        chain: &chain,
        dialect: Dialect::PostgreSql,
        baseline,
        naming: NamingConvention::usual(),
        bounds: Bounds::SMALL,
    };
    replay(&input, &|_, _, _| None)
}

fn functions(up: &str, down: &str) -> String {
    format!("def upgrade():\n    {up}\n\n\ndef downgrade():\n    {down}\n")
}

/// The verdict about a revision on a table `t` that the chain made.
fn judged(up: &str, down: &str) -> Verdict {
    let replay = run(&[TABLE.to_owned(), functions(up, down)], Baseline::Empty);
    replay.revisions[1].verdict.clone()
}

/// The verdict about a revision on what stood there before the chain.
fn judged_open(up: &str, down: &str) -> Verdict {
    run(&[functions(up, down)], Baseline::Open).revisions[0].verdict.clone()
}

fn t() -> ObjectName {
    ObjectName::bare("t")
}

#[test]
fn what_is_undone_is_restored() {
    let up = "op.add_column('t', sa.Column('b', sa.Text, index=True))";
    assert_eq!(judged(up, "op.drop_column('t', 'b')"), Verdict::Restores);
    let up = "op.alter_column('t', 'a', type_=sa.Text())";
    let down = "op.execute('ALTER TABLE t ALTER a TYPE character varying(5)')";
    assert_eq!(judged(up, down), Verdict::Restores);
}

#[test]
fn a_column_and_a_table_are_left_over() {
    let up = "op.add_column('t', sa.Column('b', sa.Text))";
    let left = vec![Difference::ColumnAdded(t(), "b".into())];
    assert_eq!(judged(up, "op.execute('SELECT 1')"), Verdict::Leaves(left));
    let up = "op.create_table('u', sa.Column('id', sa.Integer))";
    let left = vec![Difference::Added(ObjectKind::Table, ObjectName::bare("u"))];
    assert_eq!(judged(up, "pass"), Verdict::Leaves(left));
}

#[test]
fn what_comes_back_otherwise_is_told() {
    let up = "op.drop_column('t', 'a')";
    assert_eq!(
        judged(up, "op.add_column('t', sa.Column('a', sa.String(6)))"),
        Verdict::Leaves(vec![Difference::ColumnChanged {
            table: t(),
            column: "a".into(),
            aspect: Aspect::Type,
            before: "character varying(5)".into(),
            after: "character varying(6)".into(),
        }])
    );
}

#[test]
fn a_table_that_was_there_before_the_chain_is_judged_by_what_was_surely_done() {
    let up = "op.add_column('old', sa.Column('b', sa.Text))";
    let left = vec![Difference::ColumnAdded(ObjectName::bare("old"), "b".into())];
    assert_eq!(judged_open(up, "pass"), Verdict::Leaves(left));
    assert_eq!(judged_open(up, "op.drop_column('old', 'b')"), Verdict::Restores);
    let up = "op.drop_column('old', 'b')";
    let left = vec![Difference::ColumnRemoved(ObjectName::bare("old"), "b".into())];
    assert_eq!(judged_open(up, "pass"), Verdict::Leaves(left));
    let down = "op.add_column('old', sa.Column('b', sa.Text))";
    assert_eq!(judged_open(up, down), Verdict::Restores);
    let up = "op.create_unique_constraint('uq', 'old', ['b'])";
    let left = Difference::ConstraintAdded(
        ObjectName::bare("old"),
        ConstraintKind::Unique,
        Some("uq".into()),
    );
    assert_eq!(judged_open(up, "pass"), Verdict::Leaves(vec![left]));
}

#[test]
fn what_is_dropped_and_made_again_is_no_difference_of_presence() {
    let up = "op.drop_column('old', 'b'); op.add_column('old', sa.Column('b', sa.Text))";
    assert_eq!(judged_open(up, "pass"), Verdict::Restores);
    let up = "op.add_column('old', sa.Column('b', sa.Text)); op.drop_column('old', 'b')";
    assert_eq!(judged_open(up, "pass"), Verdict::Restores);
}

#[test]
fn what_may_find_its_work_done_is_no_claim() {
    let up = "op.execute('ALTER TABLE old ADD COLUMN IF NOT EXISTS b text')";
    assert_eq!(judged_open(up, "pass"), Verdict::Restores);
    let up = "op.execute(open('x').read())";
    assert_eq!(judged_open(up, "op.drop_table('old')"), Verdict::Unknown);
}

#[test]
fn a_downgrade_that_cannot_run_leaves_nothing() {
    let up = "op.add_column('t', sa.Column('b', sa.Text))";
    assert!(matches!(judged(up, "op.drop_column('t', 'c')"), Verdict::Fails(_)));
    assert!(matches!(judged(up, "raise NotImplementedError()"), Verdict::Raises(_)));
}

#[test]
fn an_upgrade_stumbles_over_what_its_downgrade_left() {
    let make = "op.create_table('u', sa.Column('k', sa.Enum('a', name='kind')))";
    let replay = run(&[functions(make, "op.drop_table('u')")], Baseline::Empty);
    let one = &replay.revisions[0];
    assert_eq!(stumbles(one).len(), 1);
    let Verdict::Leaves(left) = &one.verdict else { panic!("{:?}", one.verdict) };
    assert_eq!(*left, [Difference::Added(ObjectKind::Type, ObjectName::bare("kind"))]);
    let end = &one.down.as_ref().expect("it has a downgrade").end;
    assert_eq!(cause(&left[0], end), Some(one.up.steps[0].id));
}

#[test]
fn the_statement_that_comes_too_early_is_found() {
    let up = "op.create_table('u', sa.Column('id', sa.Integer, primary_key=True)); \
              op.create_table('v', sa.Column('u', sa.Integer, sa.ForeignKey('u.id')))";
    let order = |down: &str, groups: &[usize]| {
        let replay = run(&[functions(up, down)], Baseline::Empty);
        let one = &replay.revisions[0];
        better_order(one.after(), one.down.as_ref().expect("a downgrade"), groups)
    };
    let found = order("op.drop_table('u'); op.drop_table('v')", &[0, 1]);
    assert_eq!(found, Some(Move { group: 0, after: 1 }));
    assert_eq!(order("op.drop_table('v'); op.drop_table('u')", &[0, 1]), None);
    assert_eq!(order("op.drop_table('u')", &[0]), None);
}

#[test]
fn an_upgrade_changes_something_or_nothing() {
    let one = |up: &str| {
        let replay = run(&[TABLE.to_owned(), functions(up, "pass")], Baseline::Empty);
        (changes(&replay.revisions[1]), changes_nothing(&replay.revisions[1]))
    };
    assert_eq!(one("op.alter_column('t', 'a', type_=sa.String(5))"), (false, true));
    assert_eq!(one("op.execute(\"UPDATE t SET a = ''\")"), (false, true));
    assert_eq!(one("op.alter_column('t', 'a', type_=sa.Text())"), (true, false));
    // Functions are no part of what is replayed.
    assert_eq!(one("op.execute('DROP FUNCTION f')"), (false, false));
}

/// The first step of an upgrade of which it is said that it surely changes the schema.
fn first_changed(up: &str, baseline: Baseline) -> Option<String> {
    let replay = run(&[TABLE.to_owned(), functions(up, "pass")], baseline);
    first_change(&replay.revisions[1]).map(|step| step.operation.kind.function().to_owned())
}

#[test]
fn the_first_operation_that_surely_changes_something_is_found() {
    let empty = |up: &str| first_changed(up, Baseline::Empty);
    assert_eq!(
        empty("op.execute('UPDATE t SET a = 1')\n    op.drop_column('t', 'a')").as_deref(),
        Some("drop_column")
    );
    // A table that comes and goes.
    assert_eq!(
        empty("op.create_table('u', sa.Column('a', sa.Text))\n    op.drop_table('u')"),
        None
    );
    assert_eq!(empty("op.execute('DROP INDEX IF EXISTS ix')"), None);
    // It is known not to be there.
    assert_eq!(
        empty("op.execute('ALTER TABLE t ADD COLUMN IF NOT EXISTS b int')").as_deref(),
        Some("execute")
    );
    let open = |up: &str| first_changed(up, Baseline::Open);
    assert_eq!(open("op.drop_column('old', 'a')").as_deref(), Some("drop_column"));
    assert_eq!(open("op.drop_table('old', if_exists=True)"), None);
    let guarded = "if sa.inspect(op.get_bind()).has_table('old'):\n        return\n    op.create_table('old', sa.Column('a', sa.Text))";
    assert_eq!(open(guarded), None);
}

#[test]
fn an_upgrade_that_does_nothing_at_all_is_told_from_one_that_asks_or_writes() {
    let idle = |up: &str| {
        let replay = run(&[TABLE.to_owned(), functions(up, "pass")], Baseline::Empty);
        is_idle(&replay.revisions[1].up)
    };
    for up in [
        "op.alter_column('t', 'a', existing_type=sa.String(9))",
        "for table in []:\n        op.drop_table(table)",
        "if False:\n        op.drop_table('t')",
        "bind = op.get_bind()",
        "print('nothing to do')",
        "import logging\n    logging.getLogger('alembic').info('nothing to do')",
    ] {
        assert!(idle(up), "{up}");
    }
    for up in [
        "op.execute('UPDATE t SET a = 1')",
        "op.bulk_insert(sa.table('t', sa.column('a')), [])",
        "op.get_bind().execute(sa.text('SELECT 1'))",
        "if op.get_bind().dialect.name == 'mysql':\n        op.drop_table('t')",
        "if isinstance(op.get_bind().dialect, sa.dialects.mysql.dialect):\n        op.drop_table('t')",
        "if not sa.inspect(op.get_bind()).has_table('t'):\n        op.drop_table('t')",
        "from alembic import context\n    if context.is_offline_mode():\n        op.drop_table('t')",
        "sa.orm.Session(bind=op.get_bind()).commit()",
        "import os\n    os.remove('file')",
        "with open('file', 'w') as file:\n        file.write('x')",
        "import app\n    app.setup()",
        "import app\n    app.is_set = True",
        "op.alter_column('t', 'a', **options())",
        "raise NotImplementedError",
    ] {
        assert!(!idle(up), "{up}");
    }
}

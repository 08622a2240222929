use super::*;

/// Function, road and table of each operation of `upgrade`.
fn read(body: &str) -> Vec<String> {
    let text = format!("from alembic import op\nimport sqlalchemy as sa\n{body}");
    let module = python::parse(&text).module;
    let upgrade = module.body.iter().rev().find_map(|statement| match &statement.kind {
        StmtKind::Function(function) if function.name == "upgrade" => Some(function),
        _ => None,
    });
    let script = Script::read(&module, upgrade.expect("upgrade"));
    let line = |operation: &Operation<'_>| {
        let table = script.table(operation).map(|table| table.span.of(&text));
        format!("{} {:?} {}", operation.kind.function(), operation.road, table.unwrap_or("-"))
    };
    let mut lines: Vec<String> = script.operations.iter().map(line).collect();
    lines.extend(script.opaque.iter().map(|call| format!("? {}", call.span.of(&text))));
    lines
}

#[test]
fn operations_are_read_through_their_aliases() {
    assert_eq!(
        read("import alembic\ndef upgrade():\n    alembic.op.drop_table('a')\n"),
        ["drop_table Straight 'a'"]
    );
    assert_eq!(
        read("from alembic import op as o\ndef upgrade():\n    o.drop_table(table_name='a')\n"),
        ["drop_table Straight 'a'"]
    );
    assert_eq!(
        read("def upgrade(op, tables):\n    op.drop_table('a')\n"),
        ["drop_table Straight 'a'"]
    );
}

#[test]
fn batch_operations_have_the_table_of_their_block() {
    let body = "def upgrade():\n    with op.batch_alter_table('a', schema=None) as b:\n        b.drop_column('x')\n        b.create_index(b.f('ix'), ['y'])\n";
    assert_eq!(read(body), ["drop_column Straight 'a'", "create_index Straight 'a'"]);
}

#[test]
fn conditions_loops_and_returns_make_a_road_uncertain() {
    let body = "def upgrade():\n    if x:\n        op.drop_table('a')\n    for t in y:\n        op.drop_table(t)\n    op.drop_table('b')\n    if z:\n        return\n    op.drop_table('c')\n";
    assert_eq!(
        read(body),
        [
            "drop_table Condition 'a'",
            "drop_table Loop t",
            "drop_table Straight 'b'",
            "drop_table Condition 'c'"
        ]
    );
}

#[test]
fn a_check_that_raises_leaves_the_road_certain() {
    let body =
        "def upgrade():\n    if x:\n        raise ValueError('no')\n    op.drop_table('a')\n";
    assert_eq!(read(body), ["drop_table Straight 'a'"]);
}

#[test]
fn helpers_of_the_file_are_followed_and_recursion_ends() {
    let body = "def one():\n    op.drop_table('a')\n    one()\ndef upgrade():\n    one()\n";
    assert_eq!(read(body), ["drop_table Helper 'a'", "? one()"]);
}

#[test]
fn statements_on_the_connection_and_enum_types_are_operations() {
    let body = "mood = sa.Enum('a', name='mood')\ndef upgrade():\n    conn = op.get_bind()\n    mood.create(conn, checkfirst=True)\n    rows = conn.execute(sa.text('select 1')).fetchall()\n    sa.Enum(name='old').drop(op.get_bind())\n";
    assert_eq!(
        read(body),
        ["Enum.create Straight -", "execute Straight -", "Enum.drop Straight -"]
    );
}

#[test]
fn what_is_handed_the_connection_is_opaque() {
    let body = "from app.db import Base, fill\ndef upgrade():\n    Base.metadata.create_all(bind=op.get_bind())\n    fill()\n    print('done')\n";
    assert_eq!(read(body), ["? Base.metadata.create_all(bind=op.get_bind())", "? fill()"]);
}

#[test]
fn what_the_module_made_by_foreign_code_is_opaque() {
    let body = "import importlib, logging\nother = importlib.import_module('x')\nlog = logging.getLogger()\nclass Steps:\n    def run(self): pass\ndef upgrade():\n    log.info('a')\n    other.downgrade()\n    Steps().run()\n    Steps.run()\n";
    assert_eq!(read(body), ["? other.downgrade()", "? Steps().run()", "? Steps.run()"]);
}

#[test]
fn what_makes_an_argument_is_not_opaque_unless_it_is_handed_the_connection() {
    let body = "from app import Money, name_of\nimport sqlmodel\ndef upgrade():\n    op.add_column('a', sa.Column('b', Money(2), sqlmodel.x()))\n    op.drop_index(name_of(op.get_bind()), 'a')\n";
    let expected =
        ["add_column Straight 'a'", "drop_index Straight 'a'", "? name_of(op.get_bind())"];
    assert_eq!(read(body), expected);
}

#[test]
fn arguments_are_found_by_position_and_by_name() {
    let text = "from alembic import op\ndef upgrade():\n    op.drop_constraint('fk', 'a', 'foreignkey')\n    op.create_foreign_key(None, source_table='a', referent_table='b', local_cols=['c'], remote_cols=['d'])\n    op.create_table(*args)\n";
    let module = python::parse(text).module;
    let Some(StmtKind::Function(upgrade)) = module.body.last().map(|last| &last.kind) else {
        panic!("upgrade")
    };
    let script = Script::read(&module, upgrade);
    let at = |index: usize, name: &str| {
        script.operations[index].argument(name).map(|value| value.span.of(text))
    };
    assert_eq!(at(0, "type_"), Some("'foreignkey'"));
    assert_eq!(at(1, "constraint_name"), Some("None"));
    assert_eq!(at(1, "remote_cols"), Some("['d']"));
    assert_eq!(at(2, "table_name"), None);
    assert!(script.operations[2].has_hidden_arguments());
}

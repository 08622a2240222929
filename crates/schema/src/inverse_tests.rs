use python::{Function, Module};

use super::*;

fn upgrade(module: &Module) -> &Function {
    let found = module.body.iter().find_map(|statement| match &statement.kind {
        StmtKind::Function(function) if function.name == "upgrade" => Some(&**function),
        _ => None,
    });
    found.expect("upgrade")
}

fn read(body: &str) -> Result<Vec<String>, String> {
    let text = format!(
        "from alembic import op\nimport sqlalchemy as sa\nTABLE = 'a'\ndef upgrade():\n    {}\n",
        body.replace('\n', "\n    ")
    );
    let module = python::parse(&text).module;
    let function = upgrade(&module);
    let script = Script::read(&module, function);
    let style =
        Style { text: &text, quote: '\'', indent: "    ", owns_enum: &|name| name != "shared" };
    inverse(&script, &module, function, &style).map_err(|refusal| refusal.reason)
}

fn lines(body: &str) -> Vec<String> {
    read(body).expect(body)
}

fn reason(body: &str) -> String {
    read(body).expect_err(body)
}

#[test]
fn operations_are_undone_in_reverse_order() {
    let body = "op.create_table('a', sa.Column('id', sa.Integer()), schema='s')\n\
                op.create_index(op.f('ix_a_id'), 'a', ['id'], unique=True, schema='s')\n\
                op.add_column('b', sa.Column('a_id', sa.Integer()))\n\
                op.create_foreign_key('fk_b_a', 'b', 'a', ['a_id'], ['id'], referent_schema='s')";
    assert_eq!(
        lines(body),
        [
            "op.drop_constraint('fk_b_a', 'b', type_='foreignkey')",
            "op.drop_column('b', 'a_id')",
            "op.drop_index(op.f('ix_a_id'), table_name='a', schema='s')",
            "op.drop_table('a', schema='s')",
        ]
    );
}

#[test]
fn a_batch_is_undone_in_a_batch() {
    let body = "with op.batch_alter_table('a', schema=None) as batch_op:\n    \
                batch_op.add_column(sa.Column('b', sa.Integer(), nullable=True))\n    \
                batch_op.create_unique_constraint(batch_op.f('uq'), ['b'])\n\
                op.rename_table('x', 'y')";
    assert_eq!(
        lines(body),
        [
            "op.rename_table('y', 'x')",
            "with op.batch_alter_table('a', schema=None) as batch_op:",
            "    batch_op.drop_constraint(batch_op.f('uq'), type_='unique')",
            "    batch_op.drop_column('b')",
        ]
    );
}

#[test]
fn a_concurrent_index_is_dropped_as_it_was_made() {
    let body = "with op.get_context().autocommit_block():\n    \
                op.create_index('ix', 'a', ['b'], postgresql_concurrently=True)";
    assert_eq!(
        lines(body),
        [
            "with op.get_context().autocommit_block():",
            "    op.drop_index('ix', table_name='a', postgresql_concurrently=True)",
        ]
    );
}

#[test]
fn an_altered_column_takes_back_what_it_had() {
    let body = "op.alter_column('a', 'b', existing_type=sa.String(), type_=sa.Text(), \
                existing_nullable=True)";
    assert_eq!(
        lines(body),
        [
            "op.alter_column(",
            "    'a',",
            "    'b',",
            "    existing_type=sa.Text(),",
            "    type_=sa.String(),",
            "    existing_nullable=True,",
            ")"
        ]
    );
    assert_eq!(
        lines("op.create_index('ix', 'a', ['b'], if_not_exists=True)"),
        ["op.drop_index('ix', table_name='a', if_exists=True)"]
    );
    assert_eq!(
        lines("op.alter_column('a', 'old', new_column_name='new')"),
        ["op.alter_column('a', 'new', new_column_name='old')"]
    );
    assert_eq!(
        lines("op.alter_column('a', 'b', nullable=False)"),
        ["op.alter_column('a', 'b', nullable=True)"]
    );
    assert_eq!(
        reason("op.alter_column('a', 'b', type_=sa.Text())"),
        "`alter_column` does not say `existing_type`"
    );
    assert_eq!(
        reason("op.alter_column('a', 'b', server_default=None, existing_type=sa.Text())"),
        "`alter_column` does not say `existing_server_default`"
    );
}

#[test]
fn enum_types_of_a_new_table_are_dropped_after_it_once() {
    let body = "op.create_table('a', sa.Column('s', sa.Enum('x', name='state')))\n\
                op.create_table('b', sa.Column('s', sa.Enum('x', name='state')), \
                sa.Column('t', sa.Enum('x', name='shared')), \
                sa.Column('u', sa.Enum('x', name='text', native_enum=False)))";
    assert_eq!(
        lines(body),
        [
            "op.drop_table('b')",
            "op.drop_table('a')",
            "sa.Enum(name='state').drop(op.get_bind(), checkfirst=True)",
        ]
    );
}

#[test]
fn module_constants_are_kept_and_local_values_refused() {
    assert_eq!(lines("op.create_table(TABLE)"), ["op.drop_table(TABLE)"]);
    assert_eq!(
        reason("name = 'x'\nop.create_table(name)"),
        "`create_table` is made of values of upgrade()"
    );
}

#[test]
fn rows_of_a_new_table_go_with_it() {
    assert_eq!(
        lines("t = op.create_table('a', sa.Column('b'))\nop.bulk_insert(t, [{'b': 1}])"),
        ["op.drop_table('a')"]
    );
    let body = "op.create_table('a', sa.Column('b'))\nrows = sa.sql.table('a', sa.column('b'))\n\
                op.bulk_insert(rows, [{'b': 1}])";
    assert_eq!(lines(body), ["op.drop_table('a')"]);
    let body = "op.create_table('a', sa.Column('b'))\nop.bulk_insert(sa.table('c'), [{'b': 1}])";
    assert_eq!(reason(body), "`bulk_insert` adds rows");
}

#[test]
fn a_comment_is_put_back() {
    assert_eq!(
        lines("op.create_table_comment('a', 'new', existing_comment='old')"),
        ["op.create_table_comment('a', 'old', existing_comment='new')"]
    );
    assert_eq!(
        lines("op.create_table_comment('a', 'new', existing_comment=None)"),
        ["op.drop_table_comment('a', existing_comment='new')"]
    );
    assert_eq!(
        lines("op.drop_table_comment('a', existing_comment='old')"),
        ["op.create_table_comment('a', 'old', existing_comment=None)"]
    );
}

#[test]
fn what_cannot_be_known_is_refused_with_its_reason() {
    for (body, expected) in [
        ("op.execute('UPDATE a SET b = 1')", "`execute` runs SQL that may do anything"),
        ("op.drop_column('a', 'b')", "`drop_column` drops what this file does not describe"),
        ("if x:\n    op.create_table('a')", "`create_table` runs under a condition"),
        ("for x in y:\n    op.create_table('a')", "`create_table` runs in a loop"),
        (
            "op.create_unique_constraint(None, 'a', ['b'])",
            "`create_unique_constraint` gives no name to drop it by",
        ),
        ("op.add_column('a', column)", "`add_column` adds a column that is described elsewhere"),
        (
            "op.create_index('ix', 'a', ['b'], **options)",
            "`create_index` has arguments that only a run would tell",
        ),
    ] {
        assert_eq!(reason(body), expected);
    }
}

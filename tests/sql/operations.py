"""Prints the SQL of many operations as Alembic renders it without a connection.

    python operations.py postgresql > operations_postgresql.sql

Statements are parted by a line of `--`. Made with alembic 1.20.1 and SQLAlchemy 2.1.9; SQLAlchemy 2.0
doubles the backslashes of PostgreSQL's strings and puts no parentheses around MySQL's defaults.
"""

import io
import sys
import warnings

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.dialects import mysql, postgresql

warnings.simplefilter("ignore")
DIALECT = sys.argv[1]
IS_PG, IS_MY, IS_LITE = (DIALECT == name for name in ("postgresql", "mysql", "sqlite"))
statements = []


def run(operation):
    """Renders one operation; one that the dialect refuses is left out."""
    buffer = io.StringIO()
    context = MigrationContext.configure(
        dialect_name=DIALECT,
        dialect_opts={"paramstyle": "named"},
        opts={"as_sql": True, "output_buffer": buffer},
    )
    try:
        operation(Operations(context))
    except Exception as error:
        print(type(error).__name__, error, file=sys.stderr)
        return
    text = buffer.getvalue().strip()
    for statement in text.split(";\n\n"):
        statement = statement.strip().rstrip(";")
        # SQLite has no such statement; whoever asks Alembic for it gets a text that fails.
        if statement and not (IS_LITE and " ALTER COLUMN " in statement):
            statements.append(statement)


TYPES = [
    sa.Integer(), sa.BigInteger(), sa.SmallInteger(), sa.Boolean(), sa.Date(), sa.DateTime(),
    sa.DateTime(timezone=True), sa.Time(), sa.Time(timezone=True), sa.Float(), sa.Float(24),
    sa.Float(53), sa.Double(), sa.REAL(), sa.DECIMAL(5, 1), sa.Numeric(), sa.Numeric(10),
    sa.Numeric(10, 2), sa.String(50), sa.String(20, collation="C"), sa.Unicode(7), sa.CHAR(3),
    sa.CHAR(), sa.Text(), sa.UnicodeText(), sa.LargeBinary(), sa.JSON(), sa.Uuid(),
    sa.Interval(), sa.TIMESTAMP(), sa.NCHAR(4),
    sa.Enum("a", "b", name="mood", native_enum=False),
]
if not IS_MY:
    TYPES += [sa.String()]
if not IS_PG:
    TYPES += [sa.VARBINARY(16), sa.BINARY(8)]
if IS_PG:
    TYPES += [
        postgresql.UUID(), postgresql.JSONB(), postgresql.INET(), postgresql.CIDR(),
        postgresql.MACADDR(), postgresql.BYTEA(), postgresql.HSTORE(), postgresql.CITEXT(),
        postgresql.ARRAY(sa.Integer()), postgresql.ARRAY(sa.String(5), dimensions=2),
        postgresql.ARRAY(sa.DateTime(timezone=True)), postgresql.ARRAY(sa.Numeric(3, 1)),
        postgresql.TIMESTAMP(precision=3), postgresql.TIMESTAMP(timezone=True, precision=6),
        postgresql.TIME(precision=2), postgresql.INTERVAL(), postgresql.INTERVAL(precision=4),
        postgresql.INTERVAL(fields="YEAR TO MONTH"),
        postgresql.INTERVAL(fields="DAY TO SECOND", precision=3), postgresql.BIT(4),
        postgresql.BIT(varying=True), postgresql.BIT(7, varying=True), postgresql.MONEY(),
        postgresql.OID(), postgresql.REGCLASS(), postgresql.TSVECTOR(), postgresql.TSQUERY(),
        postgresql.INT4RANGE(), postgresql.TSTZRANGE(), postgresql.DATEMULTIRANGE(),
        postgresql.ENUM("a", "b", name="mood", create_type=False),
        postgresql.ENUM("a", name="Mood", schema="Other", create_type=False),
        postgresql.DOUBLE_PRECISION(53),
    ]
if IS_MY:
    TYPES += [
        mysql.INTEGER(unsigned=True), mysql.INTEGER(11), mysql.BIGINT(20, unsigned=True),
        mysql.TINYINT(1), mysql.TINYINT(4, zerofill=True), mysql.MEDIUMINT(), mysql.SMALLINT(6),
        mysql.DOUBLE(), mysql.DOUBLE(10, 2), mysql.DECIMAL(10, 2, unsigned=True),
        mysql.FLOAT(7, 3), mysql.DATETIME(fsp=6), mysql.TIMESTAMP(fsp=3), mysql.TIME(fsp=2),
        mysql.YEAR(), mysql.YEAR(4), mysql.BIT(), mysql.BIT(3), mysql.TINYTEXT(),
        mysql.MEDIUMTEXT(), mysql.LONGTEXT(), mysql.LONGBLOB(), mysql.MEDIUMBLOB(),
        mysql.TINYBLOB(), mysql.ENUM("a", "it's", "back\\slash"), mysql.SET("x", "y"),
        mysql.VARCHAR(50, charset="utf8mb4", collation="utf8mb4_bin"),
        mysql.VARCHAR(9, binary=True), mysql.TEXT(charset="latin1"), mysql.NVARCHAR(8),
        mysql.JSON(), sa.Enum("p", "q", name="kind"),
    ]
DEFAULTS = [
    None, "plain", "it's", sa.text("now()"), sa.text("0"), sa.text("-1"), sa.text("NULL"),
    sa.text("'x'"), sa.text("CURRENT_TIMESTAMP"), sa.text("(1 + 2)"), sa.func.now(), sa.true(),
    sa.false(), "", "back\\slash",
]
if IS_PG:
    DEFAULTS += [
        sa.text("'{}'::jsonb"), sa.text("gen_random_uuid()"), sa.text("nextval('s'::regclass)"),
        sa.text("'a'::character varying"), sa.text("ARRAY[]::integer[]"),
        sa.text("timezone('utc'::text, now())"), sa.text("1 + 2"),
    ]
if IS_MY:
    DEFAULTS += [
        sa.text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP"), sa.text("CURRENT_TIMESTAMP(6)"),
        sa.text("b'0'"), sa.text("1.5"),
    ]
NAMES = ["t", "T", "user", "order", "a b", "x-y", 'q"u', "b`t", "1st", "$x", "naïve", "select",
         "with$", "type", "name", "value", "key", "index", "group", "rows", "window", "offset"]


def columns():
    for number, kind in enumerate(TYPES):
        default = DEFAULTS[number % len(DEFAULTS)] if number % 3 == 0 else None
        yield sa.Column(f"c{number}", kind, nullable=number % 2 == 0, server_default=default)


for table in NAMES:
    run(lambda op: op.create_table(table, sa.Column("id", sa.Integer, primary_key=True), sa.Column(table, sa.Integer)))
    run(lambda op: op.create_table("x", sa.Column("id", sa.Integer), schema=table))
    run(lambda op: op.drop_table(table))
    run(lambda op: op.drop_column("t", table))
    run(lambda op: op.create_index(table, "t", [table]))
    run(lambda op: op.create_unique_constraint(table, table, [table, "b"]))
    run(lambda op: op.rename_table(table, table + "2"))
for column in columns():
    run(lambda op: op.add_column("t", column.copy() if hasattr(column, "copy") else column._copy()))
for column in columns():
    run(lambda op: op.create_table("one", column._copy()))
run(lambda op: op.create_table("all_types", *columns()))
for default in DEFAULTS:
    run(lambda op: op.add_column("t", sa.Column("c", sa.String(9), server_default=default, nullable=False)))
    run(lambda op: op.alter_column("t", "c", server_default=default, existing_type=sa.String(9)))
for number, kind in enumerate(TYPES):
    run(lambda op: op.alter_column("t", "c", type_=kind, existing_type=sa.Integer(), existing_nullable=number % 2 == 0))
    run(lambda op: op.alter_column("t", "c", nullable=number % 2 == 0, existing_type=kind))
    run(lambda op: op.alter_column("t", "c", new_column_name="D", existing_type=kind, existing_server_default="1", existing_comment="it's"))
run(lambda op: op.alter_column("t", "c", type_=sa.Integer(), postgresql_using="c::integer"))
run(lambda op: op.alter_column("t", "c", new_column_name="d", schema="S"))
run(lambda op: op.alter_column("t", "c", comment="it's 50% \\ done", existing_type=sa.Integer()))
run(lambda op: op.alter_column("t", "c", comment=None, existing_comment="x", existing_type=sa.Integer()))
run(lambda op: op.alter_column("t", "c", existing_type=sa.Integer(), autoincrement=True, nullable=False))
run(lambda op: op.alter_column("t", "c", server_default=sa.Identity(always=True, start=3), existing_type=sa.Integer()))
run(lambda op: op.alter_column("t", "c", server_default=None, existing_server_default=sa.Identity(), existing_type=sa.Integer()))
run(lambda op: op.create_table_comment("t", "it's"))
run(lambda op: op.drop_table_comment("t"))
run(lambda op: op.create_table(
    "full",
    sa.Column("id", sa.Integer(), sa.Identity(always=True, start=5, increment=2, cycle=True)),
    sa.Column("big", sa.BigInteger(), autoincrement=True),
    sa.Column("a", sa.Integer(), sa.CheckConstraint("a > 0", name="ck_a"), nullable=False),
    sa.Column("b", sa.String(5), sa.ForeignKey("other.x.id", name="fk_b", ondelete="SET NULL"), comment="a 'note'"),
    sa.Column("d", sa.Integer(), sa.Computed("a * 2", persisted=True)),
    sa.Column("e", sa.Integer(), index=True),
    sa.Column("f", sa.Integer(), unique=True),
    sa.PrimaryKeyConstraint("big", "a", name="pk"),
    sa.UniqueConstraint("a", "b", name="Uq", deferrable=True, initially="DEFERRED"),
    sa.ForeignKeyConstraint(["a", "b"], ["z.c", "z.D"], name="fk", onupdate="CASCADE", ondelete="RESTRICT", deferrable=False),
    sa.ForeignKeyConstraint(["a"], ["self.c"], use_alter=False),
    sa.CheckConstraint("a <> 5 and (b is not null)"),
    comment="the table's",
))
run(lambda op: op.create_table("m", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("v", sa.Integer(), primary_key=True),
    mysql_engine="InnoDB", mysql_charset="utf8mb4", mysql_collate="utf8mb4_bin", comment="c",
    postgresql_partition_by="RANGE (id)", postgresql_with={"fillfactor": 70}, postgresql_tablespace="fast",
    sqlite_strict=True, sqlite_with_rowid=False))
run(lambda op: op.create_table("a", sa.Column("id", sa.Integer(), primary_key=True), sqlite_autoincrement=True, if_not_exists=True, prefixes=["TEMPORARY"]))
run(lambda op: op.create_table("a", sa.Column("id", sa.BigInteger(), primary_key=True)))
run(lambda op: op.create_table("a", sa.Column("id", sa.SmallInteger(), primary_key=True)))
run(lambda op: op.create_table("a", sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False)))
run(lambda op: op.drop_table("t", schema="s", if_exists=True))
run(lambda op: op.add_column("t", sa.Column("c", sa.Integer()), if_not_exists=True, schema="s"))
run(lambda op: op.add_column("t", sa.Column("c", sa.Integer(), sa.ForeignKey("o.id", name="fk", ondelete="CASCADE"))))
run(lambda op: op.add_column("t", sa.Column("c", sa.Integer(), sa.Computed("a + 1"))))
run(lambda op: op.add_column("t", sa.Column("c", sa.Integer(), sa.Identity(start=1, minvalue=1, maxvalue=9, cache=3), nullable=True)))
run(lambda op: op.add_column("t", sa.Column("c", sa.Integer(), sa.Identity())))
run(lambda op: op.add_column("t", sa.Column("c", sa.Integer(), unique=True, index=True, comment="x")))
run(lambda op: op.drop_column("t", "c", if_exists=True, schema="s"))
for args in [{}, {"schema": "s"}, {"unique": True}, {"if_not_exists": True}, {"postgresql_concurrently": True, "unique": True},
             {"postgresql_using": "gin", "postgresql_ops": {"a": "gin_trgm_ops"}}, {"postgresql_where": sa.text("a IS NULL"), "sqlite_where": sa.text("a > 1")},
             {"postgresql_include": ["x", "Y"]}, {"postgresql_with": {"fillfactor": 50}}, {"postgresql_nulls_not_distinct": True},
             {"postgresql_tablespace": "fast"}, {"mysql_length": 10}, {"mysql_length": {"a": 5}}, {"mysql_prefix": "FULLTEXT"},
             {"mysql_using": "hash"}, {"mysql_prefix": "FULLTEXT", "mysql_with_parser": "ngram"}]:
    run(lambda op: op.create_index("ix", "t", ["a", "B"], **args))
if not IS_MY:  # MySQL asks for parentheses around an expression, and NULLS LAST is unknown to it
    run(lambda op: op.create_index("ix", "t", [sa.text("lower(a)")]))
    run(lambda op: op.create_index("ix", "t", [sa.text("a DESC"), "b"]))
run(lambda op: op.create_index("ix", "t", [sa.text("(a || b)")]))
run(lambda op: op.create_index("ix", "t", [sa.func.lower(sa.column("a"))]))
run(lambda op: op.create_index("ix", "t", [sa.func.coalesce(sa.column("a"), sa.text("'x)'"))], unique=True))
run(lambda op: op.create_index("ix", "t", [sa.column("a").desc(), sa.column("b").asc()]))
run(lambda op: op.create_index("ix", "t", [sa.column("a") + sa.column("b")]))
run(lambda op: op.drop_index("ix", "t"))
run(lambda op: op.drop_index("Ix", "t", schema="s", if_exists=True))
run(lambda op: op.drop_index("ix", "t", postgresql_concurrently=True))
run(lambda op: op.create_unique_constraint(None, "t", ["a"]))
run(lambda op: op.create_unique_constraint("u", "t", ["a"], deferrable=True, initially="IMMEDIATE", schema="s"))
run(lambda op: op.create_unique_constraint("u", "t", ["a"], postgresql_include=["a"], postgresql_nulls_not_distinct=True))
run(lambda op: op.create_primary_key("pk", "t", ["a", "B"]))
run(lambda op: op.create_primary_key(None, "t", ["a"]))
run(lambda op: op.create_foreign_key("fk", "t", "o", ["a"], ["b"]))
run(lambda op: op.create_foreign_key(None, "t", "o", ["a", "c"], ["b", "d"], ondelete="CASCADE", onupdate="SET DEFAULT", initially="DEFERRED", deferrable=True))
run(lambda op: op.create_foreign_key("fk", "t", "o", ["a"], ["b"], source_schema="s", referent_schema="r", ondelete="NO ACTION"))
run(lambda op: op.create_foreign_key("fk", "t", "o", ["a"], ["b"], postgresql_not_valid=True))
run(lambda op: op.create_foreign_key("fk", "t", "o", ["a"], ["b"], match="FULL"))
run(lambda op: op.create_check_constraint("ck", "t", "a > 0 OR b IS NULL"))
run(lambda op: op.create_check_constraint("ck", "t", "a > 0", postgresql_not_valid=True))
run(lambda op: op.create_check_constraint("ck", "t", sa.column("a").in_(["x", "it's"])))
run(lambda op: op.create_exclude_constraint("ex", "t", ("a", "="), (sa.text("tsrange(b, c)"), "&&"), where=sa.text("a > 1"), using="gist"))
for kind in ["unique", "foreignkey", "primary", "check"]:
    run(lambda op: op.drop_constraint("c", "t", type_=kind))
    run(lambda op: op.drop_constraint("C", "t", type_=kind, schema="s", if_exists=True))
run(lambda op: op.rename_table("a", "b", schema="s"))
if IS_PG:
    run(lambda op: postgresql.ENUM("a", "it's", "C d", name="mood").create(op.get_bind()))
    run(lambda op: postgresql.ENUM("a", name="Mood", schema="s").create(op.get_bind()))
    run(lambda op: postgresql.ENUM(name="mood").drop(op.get_bind()))
    run(lambda op: op.create_table("e", sa.Column("m", sa.Enum("a", "b", name="mood2"))))
    run(lambda op: op.execute(sa.schema.CreateSequence(sa.Sequence("s", start=5, increment=2))))
    run(lambda op: op.execute(sa.schema.DropSequence(sa.Sequence("s"))))
    run(lambda op: op.execute(sa.schema.CreateSchema("S", if_not_exists=True)))
    run(lambda op: op.execute(sa.schema.DropSchema("s", cascade=True)))
if IS_LITE:
    def batch(op):
        table = sa.Table("t", sa.MetaData(), sa.Column("id", sa.Integer(), primary_key=True), sa.Column("a", sa.String(5), server_default="x"))
        with op.batch_alter_table("t", copy_from=table) as batch_op:
            batch_op.add_column(sa.Column("n", sa.Integer(), server_default=sa.text("1 + 1")))
            batch_op.create_unique_constraint("uq", ["a"])
            batch_op.drop_column("id")
    run(batch)

seen = dict.fromkeys(statements)
print("\n--\n".join(seen))

op.create_table("user", sa.Column("id", sa.Integer(), nullable=False), sa.Column("name", sa.String(50)), sa.PrimaryKeyConstraint("id"))
# ---
op.create_table("user", sa.Column("id", sa.BigInteger, primary_key=True), sa.Column("n", sa.SmallInteger, nullable=False, server_default="0"))
# ---
op.create_table("user", sa.Column("id", sa.Integer, primary_key=True, autoincrement=False))
# ---
op.create_table("user", sa.Column("id", sa.Integer, primary_key=True, default=1))
# ---
op.create_table("user", sa.Column("id", sa.Integer, primary_key=True, server_default="5"))
# ---
op.create_table("user", sa.Column("id", sa.String(36), primary_key=True), sa.Column("b", sa.Boolean(), server_default=sa.text("true"), nullable=False))
# ---
op.create_table("pair", sa.Column("a", sa.Integer, primary_key=True), sa.Column("b", sa.Integer, primary_key=True))
# ---
op.create_table("pair", sa.Column("a", sa.Integer, primary_key=True, autoincrement=True), sa.Column("b", sa.Integer, primary_key=True)) if op.get_context().dialect.name != "sqlite" else None
# ---
op.create_table("child", sa.Column("id", sa.Integer, sa.ForeignKey("user.id"), primary_key=True), sa.Column("x", sa.Integer, sa.ForeignKey("a.b", ondelete="CASCADE", onupdate="SET NULL")))
# ---
op.create_table("child", sa.Column("id", sa.Integer), sa.Column("u", sa.Integer), sa.ForeignKeyConstraint(["u"], ["user.id"], name="fk_u", ondelete="RESTRICT"), sa.PrimaryKeyConstraint("id", name="child_pk"), sa.UniqueConstraint("id", "u", name="uq"), sa.CheckConstraint("u > 0", name="positive"))
# ---
op.create_table("child", sa.Column("id", sa.Integer), sa.Column("u", sa.Integer, unique=True), sa.UniqueConstraint("id"), sa.CheckConstraint("u > 0"))
# ---
op.create_table("child", sa.Column("u", sa.Integer, sa.ForeignKey("user.id", name="late", use_alter=True)))
# ---
op.create_table("t", sa.Column("a", sa.Integer, index=True))
# ---
op.create_table("t", sa.Column("a", sa.Integer, index=True, unique=True))
# ---
op.create_table("t", sa.Column("a", sa.Integer), sa.Index("ix_a", "a", unique=True))
# ---
op.create_table("t", sa.Column("a", sa.Integer, index=True), schema="other")
# ---
op.create_table("t", sa.Column("id", sa.Integer, primary_key=True), sa.Column("r", sa.Integer, sa.ForeignKey("other.u.id")), schema="other")
# ---
op.create_table("t", sa.Column("kind", sa.Enum("a", "b", name="kind")), sa.Column("more", sa.Enum("x", name="more", native_enum=False)))
# ---
op.create_table("t", sa.Column("k", postgresql.ENUM("a", name="k", create_type=False))) if op.get_context().dialect.name == "postgresql" else None
# ---
op.create_table("t", sa.Column("k", sa.Enum("a", "b", name="k")))
op.create_table("u", sa.Column("k", sa.Enum("a", "b", name="k")))
# ---
op.create_table("t", sa.Column("a", sa.Integer, comment="it's"), comment="a table")
# ---
op.create_table("t", sa.Column("a", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False))
# ---
op.create_table("t", sa.Column("a", sa.Integer, sa.Identity(start=3, cycle=True), primary_key=True)) if op.get_context().dialect.name == "postgresql" else None
# ---
op.create_table("t", sa.Column("a", sa.Integer), sa.Column("b", sa.Integer, sa.Computed("a * 2", persisted=True)))
# ---
op.create_table("t", sa.Column("a", sa.Integer, sa.CheckConstraint("a > 1", name="big")))
# ---
op.create_table("t", sa.Column("Odd Name", sa.Integer), sa.Column("order", sa.Integer))
# ---
op.create_table("t", sa.Column("a", sa.Integer), if_not_exists=True)
# ---
op.create_table("t", sa.Column("a", sa.Integer), mysql_engine="InnoDB", mysql_charset="utf8mb4")
# ---
op.create_table("t", sa.Column("a", sa.Integer), prefixes=["TEMPORARY"])
# ---
op.create_table("t", sa.Column("a", sa.Integer), postgresql_partition_by="RANGE (a)")
# ---
op.create_table("t", sa.Column("id", sa.Integer, primary_key=True), sqlite_autoincrement=True)
# ---
op.create_table("t", sa.Column("a", sa.Integer), sa.UniqueConstraint("a", deferrable=True, initially="DEFERRED", name="uq"))
# ---
op.create_table("t", sa.Column("a", sa.Integer), "b")
# ---
# convention
op.create_table("t", sa.Column("id", sa.Integer, primary_key=True), sa.Column("u", sa.Integer, sa.ForeignKey("user.id")), sa.Column("e", sa.String(5), unique=True), sa.Column("i", sa.Integer, index=True), sa.CheckConstraint("u > 0", name="pos"), sa.UniqueConstraint("u", "e"))
# ---
# convention
op.create_table("t", sa.Column("id", sa.Integer), sa.PrimaryKeyConstraint("id", name=op.f("own")), sa.CheckConstraint("id > 0", name=op.f("mine")))
# ---
# convention
op.create_unique_constraint(None, "t", ["a", "b"])
# ---
# convention
op.create_foreign_key(None, "t", "user", ["u"], ["id"])
# ---
# convention
op.create_check_constraint("pos", "t", "a > 0")
# ---
# convention
op.create_primary_key(None, "t", ["a"])
# ---
# convention
op.drop_constraint("pos", "t", type_="check")
# ---
# convention
op.drop_constraint(op.f("ck_t_pos"), "t", type_="check")
# ---
# convention
op.create_index(None, "t", ["a", "b"])
# ---
op.drop_table("t")
# ---
op.drop_table("t", schema="s", if_exists=True)
# ---
op.rename_table("a", "b")
# ---
op.rename_table("a", "b", schema="s")
# ---
op.add_column("t", sa.Column("c", sa.String(20), nullable=False, server_default="x"))
# ---
op.add_column("t", sa.Column("c", sa.Integer, sa.ForeignKey("user.id", ondelete="SET NULL")))
# ---
op.add_column("t", sa.Column("c", sa.Integer, index=True))
# ---
op.add_column("t", sa.Column("c", sa.Integer, unique=True))
# ---
op.add_column("t", sa.Column("c", sa.Integer, comment="what"), schema="s")
# ---
op.add_column("t", sa.Column("c", sa.Integer, primary_key=True))
# ---
op.add_column("t", sa.Column("c", sa.Enum("a", name="e")))
# ---
op.add_column("t", sa.Column("c", sa.Integer), if_not_exists=True)
# ---
op.add_column("t", sa.Column("c", sa.Integer, sa.ForeignKey("user.id")), inline_references=True)
# ---
op.add_column("t", sa.Column("c", sa.Integer, primary_key=True), inline_primary_key=True)
# ---
op.add_column("t", sa.Column("c", sa.Integer, sa.CheckConstraint("c > 0")))
# ---
op.drop_column("t", "c")
# ---
op.drop_column("t", "c", schema="s", if_exists=True)
# ---
op.alter_column("t", "c", nullable=False)
# ---
op.alter_column("t", "c", nullable=True, existing_type=sa.Integer())
# ---
op.alter_column("t", "c", type_=sa.String(30), existing_type=sa.String(20), postgresql_using="c::text")
# ---
op.alter_column("t", "c", server_default=None, existing_type=sa.Integer())
# ---
op.alter_column("t", "c", server_default="7", existing_type=sa.Integer())
# ---
op.alter_column("t", "c", server_default=sa.text("now()"), existing_type=sa.DateTime())
# ---
op.alter_column("t", "c", new_column_name="d", existing_type=sa.Integer(), existing_nullable=False)
# ---
op.alter_column("t", "c", new_column_name="d", type_=sa.Text(), nullable=False, server_default="q", comment="hm", existing_type=sa.Integer(), schema="s")
# ---
op.alter_column("t", "c", comment="hm", existing_type=sa.Integer(), existing_comment="old")
# ---
op.alter_column("t", "c", comment=None, existing_type=sa.Integer(), existing_comment="old")
# ---
op.alter_column("t", "c", existing_type=sa.Integer())
# ---
op.alter_column("t", "c", type_=sa.BigInteger(), autoincrement=True, existing_type=sa.Integer(), existing_nullable=False)
# ---
op.alter_column("t", "c", type=sa.Integer())
# ---
op.alter_column("t", "c", server_default=sa.Identity(), existing_type=sa.Integer())
# ---
op.create_index("ix", "t", ["a", "b"], unique=True)
# ---
op.create_index("ix", "t", ["a"], schema="s", if_not_exists=True)
# ---
op.create_index("ix", "t", [sa.text("lower(a)")])
# ---
op.create_index("ix", "t", [sa.text("a DESC"), "b"])
# ---
op.create_index("ix", "t", ["a"], postgresql_where=sa.text("b IS NULL"), sqlite_where=sa.text("b IS NULL"), postgresql_using="gin", postgresql_ops={"a": "gin_trgm_ops"}, postgresql_concurrently=True)
# ---
op.create_index("ix", "t", ["a"], postgresql_include=["b"], mysql_length=10, postgresql_with={"fillfactor": 50})
# ---
op.create_index("ix", "t", [sa.func.lower(sa.column("a"))])
# ---
op.create_index("ix", "t", [sa.column("a").desc(), sa.desc("b")])
# ---
op.create_index("ix", "t", ["a"], postgresql_where=sa.and_(sa.column("x") == 1, sa.column("y").is_(None), sa.column("z") > "q"))
# ---
op.create_index("ix_" + "x" * 70, "t", ["a"])
# ---
op.create_index(op.f("ix_" + "x" * 70), "t", ["a"])
# ---
op.create_index("ix", "t", "ab")
# ---
op.create_index(None, "t", ["a"])
# ---
op.drop_index("ix", table_name="t")
# ---
op.drop_index("ix", "t", schema="s", if_exists=True)
# ---
op.drop_index("ix")
# ---
op.drop_index("ix", table_name="t", postgresql_concurrently=True)
# ---
op.create_primary_key("pk", "t", ["a", "b"])
# ---
op.create_unique_constraint("uq", "t", ["a"], schema="s")
# ---
op.create_unique_constraint("uq", "t", ["a"], postgresql_nulls_not_distinct=True)
# ---
op.create_foreign_key("fk", "t", "u", ["a"], ["b"], ondelete="CASCADE", onupdate="CASCADE", deferrable=True, initially="DEFERRED")
# ---
op.create_foreign_key("fk", "t", "u", ["a"], ["b"], source_schema="s1", referent_schema="s2", match="FULL")
# ---
op.create_foreign_key(None, "t", "u", ["a"], ["b"])
# ---
op.create_check_constraint("ck", "t", "a > 0")
# ---
op.create_check_constraint("ck", "t", sa.column("a") != 5)
# ---
op.create_exclude_constraint("ex", "t", ("a", "="), ("b", "&&"), using="gist", where="c")
# ---
op.drop_constraint("c", "t")
# ---
op.drop_constraint("c", "t", type_="foreignkey")
# ---
op.drop_constraint("c", "t", type_="primary")
# ---
op.drop_constraint("c", "t", type_="unique", schema="s")
# ---
op.drop_constraint("c", "t", type_="check")
# ---
op.drop_constraint("c", "t", type_="unique", if_exists=True)
# ---
op.drop_constraint(None, "t", type_="unique")
# ---
op.drop_constraint("c", "t", type_="index")
# ---
op.drop_constraint("c", "t", constraint_type="unique")
# ---
op.create_table_comment("t", "hello")
# ---
op.drop_table_comment("t")
# ---
op.execute("ALTER TABLE t ADD COLUMN c INTEGER")
# ---
op.execute(sa.text("UPDATE t SET c = 1"))
# ---
op.add_column("t")
# ---
op.add_column("t", sa.Column("c", sa.Integer), "s")
# ---
op.drop_column("t", "c", "s")
# ---
op.create_index("ix", "t")
# ---
op.create_index("ix", "t", ["a"], where="x")
# ---
op.create_index("ix", "t", ["a"], postgresql_wher="x")
# ---
op.create_index("ix", "t", ["a"], frob_where="x")
# ---
op.create_table("t", sa.Column("a", sa.Integer), engine="x")
# ---
op.create_unique_constraint("uq", "t", "ab")
# ---
op.create_foreign_key("fk", "t", "u", "ab", "cd")
# ---
op.create_foreign_key("fk", "t", "u", ["a", "b"], ["c"])
# ---
op.rename_table("a")
# ---
op.rename_table("a", "b", "s")
# ---
op.drop_table("t", cascade=True)
# ---
op.bulk_insert(sa.table("t", sa.column("a", sa.Integer)), {"a": 1})
# ---
op.bulk_insert("t", [{"a": 1}])
# ---
op.create_primary_key("pk", "t", ["a"], name="x")
# ---
with op.batch_alter_table("t") as batch_op:
    batch_op.add_column(sa.Column("c", sa.Integer))
    batch_op.create_index("ix_c", ["c"])
    batch_op.create_index(batch_op.f("ix_d"), ["c"], unique=True)
# ---
with op.batch_alter_table("t", schema="s") as batch_op:
    batch_op.drop_index("ix_c")
# ---
with op.batch_alter_table("t", recreate="never") as batch_op:
    batch_op.alter_column("a", new_column_name="b", existing_type=sa.Integer())
    batch_op.drop_column("c")
# ---
if op.get_context().dialect.name != "sqlite":
    with op.batch_alter_table("t") as batch_op:
        batch_op.create_foreign_key("fk", "u", ["a"], ["b"])
        batch_op.drop_constraint("uq", type_="unique")
        batch_op.create_unique_constraint("uq2", ["a", "b"])
        batch_op.create_primary_key("pk", ["a"])
        batch_op.create_check_constraint("ck", "a > 1")
# ---
class Json(sa.types.TypeDecorator):
    impl = sa.Text
    def load_dialect_impl(self, dialect):
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.JSONB)
        return dialect.type_descriptor(sa.JSON)
op.add_column("t", sa.Column("a", Json))
op.add_column("t", sa.Column("b", Json(), nullable=False))
op.alter_column("t", "c", type_=Json) if op.get_context().dialect.name == "postgresql" else None
# ---
class Guid(sa.types.TypeDecorator):
    impl = sa.CHAR
    cache_ok = True
    def load_dialect_impl(self, dialect):
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.UUID())
        else:
            return dialect.type_descriptor(sa.CHAR(32))
op.create_table("t", sa.Column("id", Guid(), primary_key=True))
# ---
class Utc(sa.TypeDecorator):
    impl = sa.TIMESTAMP(timezone=True)
    def load_dialect_impl(self, dialect):
        if dialect.name == "mysql":
            return mysql.TIMESTAMP(fsp=6)
        return super().load_dialect_impl(dialect)
op.add_column("t", sa.Column("a", Utc(timezone=True)))
op.add_column("t", sa.Column("b", Utc))
# ---
class Short(sa.TypeDecorator):
    impl = sa.String
    def load_dialect_impl(self, dialect):
        return self.impl
op.add_column("t", sa.Column("a", Short(40)))
op.add_column("t", sa.Column("b", Short(length=7)))
# ---
class Made(sa.TypeDecorator):
    impl = sa.String
    def __init__(self, size, **kwargs):
        super().__init__(size * 2, **kwargs)
op.add_column("t", sa.Column("a", Made(20)))
# ---
class Stamp(sa.TIMESTAMP):
    def __init__(self, *args, timezone=True, **kwargs):
        super().__init__(*args, timezone=timezone, **kwargs)
op.add_column("t", sa.Column("a", Stamp))
op.add_column("t", sa.Column("b", Stamp()))
op.add_column("t", sa.Column("c", Stamp(timezone=False)))
# ---
class Own(sa.types.UserDefinedType):
    def __init__(self, precision=8):
        self.precision = precision
    def get_col_spec(self, **kw):
        return "BIT(%s)" % self.precision
op.add_column("t", sa.Column("a", Own))
op.add_column("t", sa.Column("b", Own(3)))
# ---
class Wrapped(sa.TypeDecorator):
    impl = sa.Text
    def load_dialect_impl(self, dialect):
        return dialect.type_descriptor(sa.JSON().with_variant(postgresql.JSONB(), "postgresql"))
op.add_column("t", sa.Column("a", Wrapped().with_variant(sa.Text(), "sqlite")))
op.add_column("t", sa.Column("b", Wrapped))
# ---
t = sa.table("t", sa.column("a"), sa.column("b", sa.String), sa.column("n", sa.Integer))
op.execute(t.update().values(n=1, b="x"))
op.execute(sa.update(t).where(t.c.b == "y").values({"n": 3, "b": "z"}))
op.execute(t.update().where(t.c.n > 4).where(t.c.a.is_(None)).values(b="it's"))
op.execute(t.delete().where(t.c.b.in_(["p", "q"])))
op.execute(sa.delete(t).where(t.c.n != None))
# ---
t = sa.table("t", sa.column("b", sa.String), sa.column("n", sa.Integer), sa.column("f", sa.Boolean))
op.execute(t.insert().values(n=1, b="x"))
op.execute(sa.insert(t).values({"f": True}))
op.execute(t.update().values(f=False))
op.execute(sa.table("order", sa.column("Odd Name", sa.Integer), schema="s").update().values({"Odd Name": 2}))
# ---
t = sa.Table("t", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("b", sa.String))
op.execute(t.update().where(t.c.id <= 2).values(b="x"))
op.execute(t.delete())
# ---
if op.get_context().dialect.name == "postgresql":
    op.alter_column("t", "id", server_default=sa.Sequence("t_id_seq").next_value())
    op.add_column("t", sa.Column("n", sa.Integer, server_default=sa.Sequence("Odd", schema="s").next_value()))
# ---
op.alter_column("t", "c", existing_type=sa.DateTime(), nullable=False)
# ---
op.alter_column("t", "c", existing_type=sa.DateTime(), nullable=True, server_default=None)
# ---
op.alter_column("t", "c", existing_type=sa.TIMESTAMP(), server_default="2020-01-01")
# ---
op.alter_column("t", "c", existing_type=mysql.DATETIME(fsp=6), type_=sa.Date(), nullable=True) if op.get_context().dialect.name == "mysql" else None
# ---
op.alter_column("t", "c", existing_type=sa.DateTime(), comment="when")  if op.get_context().dialect.name == "mysql" else None
# ---
op.alter_column("t", "c", existing_type=sa.DateTime())
# ---
op.alter_column("t", "c", existing_type=sa.Time(), nullable=False)
# ---
from alembic.operations import ops
op.invoke(ops.CreateTableOp("t", [sa.Column("a", sa.Integer, primary_key=True), sa.Column("b", sa.String(20), index=True), sa.UniqueConstraint("b", name="uq")], comment="made as an object"))
# ---
from alembic.operations.ops import AddColumnOp, DropColumnOp
op.invoke(AddColumnOp("t", sa.Column("c", sa.Integer, server_default="1"), schema="s"))
op.invoke(DropColumnOp("t", "c", schema="s"))
# ---
from alembic.operations import ops
op.invoke(ops.AlterColumnOp("t", "c", existing_type=sa.Integer(), modify_type=sa.BigInteger(), modify_nullable=False))
op.invoke(ops.AlterColumnOp("t", "c", existing_type=sa.Integer(), modify_name="d", modify_server_default="3"))
# ---
from alembic.operations import ops
op.invoke(ops.CreateIndexOp("ix", "t", ["a", sa.text("lower(b)")], unique=True)) if op.get_context().dialect.name != "mysql" else None
op.invoke(ops.DropIndexOp("ix", "t"))
# ---
from alembic.operations import ops
op.invoke(ops.CreateForeignKeyOp("fk", "t", "u", ["a"], ["b"], ondelete="CASCADE", source_schema="s"))
op.invoke(ops.CreateUniqueConstraintOp("uq", "t", ["a"]))
op.invoke(ops.CreateCheckConstraintOp("ck", "t", "a > 0"))
op.invoke(ops.CreatePrimaryKeyOp("pk", "t", ["a"]))
op.invoke(ops.DropConstraintOp("uq", "t", "unique"))
# ---
from alembic.operations import ops
op.invoke(ops.RenameTableOp("t", "u"))
op.invoke(ops.ExecuteSQLOp("UPDATE u SET a = 1"))
op.invoke(ops.DropTableOp("u", if_exists=True))
# ---
from alembic.operations import ops
op.invoke(ops.CreateTableCommentOp("t", "it's"))
op.invoke(ops.DropTableCommentOp("t"))
# ---
with op.batch_alter_table("t") as batch:
    batch.add_column(sa.Column("c", sa.Integer), insert_after="a")
# ---
import enum
class Color(enum.Enum):
    RED = "red"
    DARK = "dark blue"
op.create_table("t", sa.Column("a", sa.Enum(Color, values_callable=lambda e: [x.value for x in e])), sa.Column("b", sa.Enum(Color, name="names", values_callable=lambda e: [x.name.lower() for x in e])), sa.Column("c", sa.Enum(Color, name="short", native_enum=False, values_callable=lambda e: [x.value[:3] for x in reversed(list(e))])))
# ---
op.execute(r"ALTER TABLE t ALTER COLUMN a SET DEFAULT 'x\:y'") if op.get_context().dialect.name == "postgresql" else None
# ---
op.execute(sa.text(r"UPDATE t SET a = b\:\:int"))

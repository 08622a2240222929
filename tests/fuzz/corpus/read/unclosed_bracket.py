revision = "a"
down_revision = "b"


def upgrade():
    op.create_table("t", (sa.Column("a")


def downgrade():
    op.drop_table("t")

"""add account table

Revision ID: 1975ea83b712
Revises: 27c6a30d7c24

"""
from alembic import op

revision = "1975ea83b712"
<<<<<<< HEAD
down_revision = "27c6a30d7c24"
=======
down_revision = "ae1027a6acf"
>>>>>>> feature/don't-panic#1
branch_labels = None


def upgrade():
    op.drop_table("account")


def downgrade():
    pass

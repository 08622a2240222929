"""add users

Revision ID: 5d0c8e2f7a91
Revises:
Create Date: 2025-01-07 08:31:12.004417

"""
import sqlalchemy as sa
from alembic import op

revision = "5d0c8e2f7a91"
down_revision = None


def upgrade():
    op.create_table("users", sa.Column("id", sa.Integer(), primary_key=True))


def downgrade():
    op.drop_table("users")

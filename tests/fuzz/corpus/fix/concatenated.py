"""café

Revision ID: 
Revises: None
"""
from alembic import op

revision = ("b3e7a06d" "94c2")
down_revision = {"5d0c8e2f7a91"}

def upgrade():
    op.rename_table("a", "b")  # migrate-lint: ignore[nothing]

class X: pass

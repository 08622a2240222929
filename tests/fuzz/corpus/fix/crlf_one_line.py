"""x

Revises: 9
"""
revision = "b3e7a06d94c2"
down_revision = "5d0c8e2f7a91"
def upgrade(): op.add_column("a", sa.Column("b")); op.drop_column("a", "c")
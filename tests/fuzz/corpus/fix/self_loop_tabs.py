revision = down_revision = 'b3e7a06d94c2'
def upgrade():
	pass
def downgrade():
	op.drop_constraint(None, 'a', type_='foreignkey')
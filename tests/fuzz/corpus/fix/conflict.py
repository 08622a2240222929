<<<<<<< HEAD
revision = "b3e7a06d94c2"
=======
revision = "c3e7a06d94c2"
>>>>>>> other
down_revision = None
def upgrade(): pass

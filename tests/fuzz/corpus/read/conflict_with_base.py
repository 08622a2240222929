revision = "a"
<<<<<<< HEAD
down_revision = "b"
||||||| 1234567
down_revision = "c (
=======
down_revision = "d"
>>>>>>> other


def upgrade():
<<<<<<< HEAD
    first()
=======
    second()
>>>>>>> other

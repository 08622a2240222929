"""
<<<<<<< HEAD
=======
>>>>>>> other
"""
revision = "a"
def upgrade(:
    pass

"""What Alembic prints for operations, offline: cases come on stdin, parted by lines of `# ---`.

For every case and dialect one record: `ok` or the exception's name, then the SQL or the message.
"""

import io
import sys
import warnings

import sqlalchemy as sa
from alembic import op
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.dialects import mysql, postgresql, sqlite

warnings.simplefilter("ignore")

CONVENTION = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def run(case, dialect):
    out = io.StringIO()
    convention = CONVENTION if "# convention" in case else None
    metadata = sa.MetaData(naming_convention=convention)
    context = MigrationContext.configure(
        dialect_name=dialect,
        opts={
            "as_sql": True,
            "literal_binds": True,
            "output_buffer": out,
            "target_metadata": metadata,
        },
    )
    names = {"sa": sa, "op": op, "postgresql": postgresql, "mysql": mysql, "sqlite": sqlite}
    try:
        with Operations.context(context):
            exec(case, names)
    except Exception as error:
        return type(error).__name__, str(error)
    return "ok", out.getvalue()


def main():
    for case in sys.stdin.read().split("# ---\n"):
        for dialect in ["postgresql", "mysql", "sqlite"]:
            sys.stdout.write("\x1f".join(run(case, dialect)) + "\x1e")


main()

"""Runs Alembic a step at a time: an order a line in (JSON), what came of it a line out."""

import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.operations import Operations
from alembic.operations.base import AbstractOperations
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationStep
from alembic.script import ScriptDirectory
from sqlite_catalogue import facts

ENVIRONMENT = """
from alembic import context

attributes = context.config.attributes
context.configure(connection=attributes["connection"], target_metadata=attributes["metadata"])
with context.begin_transaction():
    context.run_migrations()
"""


class AsyncConnection:
    """What a coroutine of a migration is handed, without an async driver beneath."""

    def __init__(self, connection):
        self.connection = connection

    async def execute(self, *args, **kwargs):
        return self.connection.execute(*args, **kwargs)

    async def run_sync(self, function, *args, **kwargs):
        return function(self.connection, *args, **kwargs)


def run_async(self, function, *args, **kwargs):
    """`op.run_async`, which itself needs an async driver."""
    return asyncio.run(function(AsyncConnection(self.get_bind()), *args, **kwargs))


AbstractOperations.run_async = Operations.run_async = run_async


class Chain:
    """One version directory, and the database that it is run on."""

    def __init__(self, folder, order):
        (folder / "env.py").write_text(ENVIRONMENT)
        self.config = Config()
        self.config.set_main_option("script_location", str(folder))
        self.config.set_main_option("version_locations", order["versions"])
        self.config.set_main_option("path_separator", "newline")
        naming = order.get("naming")
        self.metadata = sa.MetaData(**({"naming_convention": naming} if naming else {}))
        self.engine = sa.create_engine(order["url"], poolclass=sa.NullPool)

    def command(self, order):
        """One of Alembic's commands, or one step of the chain."""
        if order["command"] == "facts":
            return
        if order["command"] not in ("one_up", "one_down"):
            getattr(command, order["command"])(self.config, order["target"])
            return
        script = ScriptDirectory.from_config(self.config)
        make = (
            MigrationStep.upgrade_from_script
            if order["command"] == "one_up"
            else MigrationStep.downgrade_from_script
        )
        step = make(script.revision_map, script.get_revision(order["target"]))
        with EnvironmentContext(self.config, script, fn=lambda revision, context: [step]):
            script.run_env()

    def run(self, order):
        """Upgrades to a revision, or downgrades, or asks; says what there is afterwards."""
        self.config.attributes["metadata"] = self.metadata
        error, rows = None, []
        try:
            with self.engine.connect() as connection:
                self.config.attributes["connection"] = connection
                if order["command"] == "query":
                    rows = self.query(connection, order["target"])
                else:
                    self.command(order)
                connection.commit()
        except Exception as raised:
            error = f"{type(raised).__name__}: {raised}".split("\n[SQL")[0].split("\n(Background")[0]
        found = []
        if self.engine.dialect.name == "sqlite":
            with self.engine.connect() as connection:
                found = facts(connection.connection.driver_connection)
        return {"error": error, "facts": found, "rows": rows}

    def query(self, connection, statement):
        """The rows that a statement gives, as texts."""
        result = connection.exec_driver_sql(statement)
        return [[str(value) for value in row] for row in result] if result.returns_rows else []


def main():
    chain = None
    # Applications print what they like where they are imported.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    with tempfile.TemporaryDirectory() as folder:
        for line in sys.stdin:
            order = json.loads(line)
            if "versions" in order:
                chain = Chain(Path(folder), order)
                answer = {"error": None, "facts": []}
            else:
                answer = chain.run(order)
            print(json.dumps(answer), file=answers, flush=True)


main()

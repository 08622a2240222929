"""What Alembic prints offline for the upgrade of each revision of a project, taken by itself.

Arguments: the configuration, and the dialect. Modules that are not installed are stood in for by
mocks, so that files can be loaded; a revision that prints one is left out.
One record a revision: its id, then the SQL or the name of the exception.
"""

import importlib.abc
import importlib.machinery
import io
import sys
import warnings
from unittest.mock import MagicMock

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory

warnings.simplefilter("ignore")


ROOT = None


class Mocks(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        mock = MagicMock(name=spec.name)
        mock.__spec__ = spec
        mock.__path__ = []
        mock.__name__ = spec.name
        mock.__all__ = []
        return mock

    def exec_module(self, module):
        pass


class Tried(importlib.abc.MetaPathFinder):
    """Modules of the application itself: a mock stands in for those that fail."""

    def find_spec(self, name, path=None, target=None):
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is None or spec.loader is None or "site-packages" in str(spec.origin):
            return None
        if not str(spec.origin).startswith(ROOT):
            return None
        real = spec.loader.exec_module

        def exec_module(module):
            try:
                real(module)
            except BaseException:
                mock = Mocks().create_module(spec)
                mock.__path__ = getattr(module, "__path__", [])
                sys.modules[spec.name] = mock

        spec.loader.exec_module = exec_module
        return spec


def run(script, dialect):
    out = io.StringIO()
    context = MigrationContext.configure(
        dialect_name=dialect,
        dialect_opts={"paramstyle": "named"},
        opts={"as_sql": True, "output_buffer": out, "literal_binds": True},
    )
    try:
        with Operations.context(context):
            script.module.upgrade()
    except BaseException as error:
        return "! " + type(error).__name__
    text = out.getvalue()
    return "! mock" if "Mock" in text else text


def main():
    global ROOT
    config = Config(sys.argv[1])
    ROOT = config.get_main_option("prepend_sys_path")
    sys.meta_path.insert(0, Tried())
    sys.meta_path.append(Mocks())
    script = ScriptDirectory.from_config(config)
    stdout = sys.stdout
    sys.stdout = sys.stderr
    for revision in script.walk_revisions():
        stdout.write("\x1f".join((revision.revision, run(revision, sys.argv[2]))) + "\x1e")


main()

"""Loads each revision file of a list as Alembic does, and fails with those that do not load."""

import importlib.abc
import importlib.machinery
import pathlib
import re
import sys
from unittest import mock

from alembic.util import load_python_file


class Absent(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives an empty stand-in for a module that is not installed: the application's own."""

    def find_spec(self, name, path, target=None):
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        module = mock.MagicMock(name=spec.name)
        module.__path__ = []
        module.__spec__ = spec
        return module

    def exec_module(self, module):
        pass


sys.meta_path.append(Absent())
sys.dont_write_bytecode = True
failures = []
for line in pathlib.Path(sys.argv[1]).read_text().splitlines():
    path = pathlib.Path(line)
    try:
        module = load_python_file(str(path.parent), path.name)
        module.down_revision
        if not hasattr(module, "revision"):
            assert re.match(r"[a-f0-9]+\.py$", path.name), "has no revision id"
    except Exception as error:
        failures.append(f"{path}: {type(error).__name__}: {error}")
print("\n".join(failures))
sys.exit(bool(failures))

"""Reads configurations with Alembic: the script directory, version locations and files of each.

Each line of the input is a working directory, an ini file or nothing, a pyproject.toml or
nothing, and a section, divided by tabs.
"""

import os
import sys
import warnings

from alembic.config import Config
from alembic.script import Script, ScriptDirectory
from alembic.script.base import _only_source_rev_file

warnings.simplefilter("ignore")
sys.dont_write_bytecode = True


def read(ini, toml, section):
    script = ScriptDirectory.from_config(
        Config(ini or None, toml_file=toml or None, ini_section=section or "alembic")
    )
    yield f"script {os.path.realpath(script.dir)}"
    yield f"recursive {str(script.recursive_version_locations).lower()}"
    yield f"template {script.file_template}"
    yield f"slug {script.truncate_slug_length}"
    seen = set()
    for location in filter(os.path.exists, script._version_locations):
        yield f"location {os.path.realpath(location)}"
        for path in Script._list_py_dir(script, location):
            path = path.resolve()
            if path not in seen and _only_source_rev_file.match(path.name):
                seen.add(path)
                yield f"file {path}"


for line in sys.stdin.read().splitlines():
    directory, *configuration = line.split("\t")
    print("case")
    os.chdir(directory)
    path, modules = list(sys.path), set(sys.modules)
    try:
        print("\n".join(read(*configuration)))
    except Exception as error:
        print(f"error {type(error).__name__}")
    sys.path[:] = path
    sys.path_importer_cache.clear()
    for name in set(sys.modules) - modules:
        del sys.modules[name]

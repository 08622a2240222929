"""What SQLAlchemy makes of model files: imports those of every given folder, prints the outcome.

For each folder, the files at its top are imported in the order of their names, in a process of
their own. A line is a word and a text: `case` and the folder, `tables` and the keys of one
MetaData, `columns` and a key and its columns, `duplicate` and a key refused as already defined, `reserved` and a name refused or warned
of, `error` and any other error.
"""

import gc
import importlib
import os
import re
import sys
import warnings

import flask_sqlalchemy  # noqa: F401
import sqlalchemy
import sqlalchemy.orm
import sqlmodel  # noqa: F401
from sqlalchemy import MetaData


def shadowed():
    """Mapped attributes that hide the query interface of Flask-SQLAlchemy."""
    for mapper in [found for found in gc.get_objects() if isinstance(found, sqlalchemy.orm.Mapper)]:
        if hasattr(mapper.class_, "__fsa__"):
            yield from {"query", "query_class"} & set(mapper.attrs.keys())


def outcome(folder):
    sys.path.insert(0, folder)
    duplicates, reserved, errors = [], set(), []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for name in sorted(os.listdir(folder)):
            module, extension = os.path.splitext(name)
            if extension != ".py":
                continue
            try:
                importlib.import_module(module)
            except Exception as error:
                text = f"{type(error).__name__}: {error}"
                duplicate = re.match(r"InvalidRequestError: Table '(.*)' is already defined", text)
                name = re.match(r"InvalidRequestError: Attribute name '(.*)' is reserved", text)
                if duplicate:
                    duplicates.append(duplicate[1])
                elif name:
                    reserved.add(name[1])
                elif text.endswith("has an attribute 'tables'"):
                    # Flask-SQLAlchemy takes the attribute for a MetaData.
                    reserved.add("metadata")
                else:
                    errors.append(text)
    for warning in caught:
        name = re.match(r"Attribute name '(.*)' should be left reserved", str(warning.message))
        if name:
            reserved.add(name[1])
    reserved.update(shadowed())
    collections = [found for found in gc.get_objects() if isinstance(found, MetaData)]
    tables = sorted(sorted(metadata.tables) for metadata in collections if metadata.tables)
    lines = [f"tables {' '.join(keys)}" for keys in tables]
    for metadata in collections:
        for key, table in metadata.tables.items():
            lines.append(f"columns {key} {' '.join(sorted(column.name for column in table.columns))}")
    lines += [f"duplicate {key}" for key in duplicates]
    lines += [f"reserved {name}" for name in sorted(reserved)]
    lines += [f"error {error.splitlines()[0]}" for error in errors]
    return lines


def in_a_child(folder):
    """Prints the outcome from a process that ends with the folder: nothing of it stays loaded."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        print(f"case {os.path.basename(folder)}", *outcome(folder), sep="\n", flush=True)
        os._exit(0)
    if os.waitpid(child, 0)[1] != 0:
        sys.exit(f"{folder}: the process failed")


for argument in sys.argv[1:]:
    in_a_child(argument)

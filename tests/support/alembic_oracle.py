"""Say what real Alembic says about folders of revision files.

usage: alembic_oracle.py [--lenient] < LIST

LIST holds one version directory a line. For each, in that order, lines of fields separated by
U+001F come out, ended by an empty line; the first field says what the others are:

    outcome    name of the exception (or "ok"), revisions it names
    heads, real_heads, bases, real_bases, branch_points, merge_points    ids in Alembic's order
    revision   id, labels sorted by "label=", down revisions by "down=", dependencies by
               "dependency=", what revises it by "next="
    history    "ok", "unordered" or the name of an exception, ids newest first

--lenient stands in for modules that are not installed; of a file that fails all the same, only
the identifiers are executed. Alembic links them as ever.
"""

import ast

import importlib.abc
import importlib.machinery
import pathlib
import signal
import sys
import types
import warnings

from alembic import util
from alembic.script import ScriptDirectory

SEPARATOR = "\x1f"
# Alembic loops for ever over some cycles; nothing else takes a tenth of it.
HISTORY_SECONDS = 0.3
LOAD_SECONDS = 60.0


class TooLong(BaseException):
    """Alembic is still at work."""


class Fake(types.ModuleType):
    """A thing that takes part in whatever a module does with it while it is imported."""

    def __init__(self, name="fake"):
        super().__init__(name)
        self.__path__ = []

    def __getattr__(self, name):
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        fake = Fake(name)
        setattr(self, name, fake)
        return fake

    def __call__(self, *arguments, **keywords):
        decorates = len(arguments) == 1 and not keywords and callable(arguments[0])
        return arguments[0] if decorates else Fake("called")

    def __mro_entries__(self, bases):
        return (object,)

    def __iter__(self):
        return iter(())

    def __getitem__(self, key):
        return Fake("item")

    def __or__(self, other):
        return self

    __ror__ = __or__

    def __lt__(self, other):
        return False

    __gt__ = __le__ = __ge__ = __lt__


class FakeImports(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Stands in for every module that is not installed."""

    def find_spec(self, name, path=None, target=None):
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        return Fake(spec.name)

    def exec_module(self, module):
        pass


def load_leniently(folder, name, strictly=util.load_python_file):
    try:
        return strictly(folder, name)
    except Exception:
        tree = ast.parse((folder / name).read_bytes())
        names = {"revision", "down_revision", "depends_on", "branch_labels"}

        def identifies(statement):
            targets = getattr(statement, "targets", [getattr(statement, "target", None)])
            return any(isinstance(each, ast.Name) and each.id in names for each in targets)

        tree.body = [each for each in tree.body if identifies(each)]
        for each in tree.body:
            each.annotation = ast.Constant("")
        module = types.ModuleType(name)
        exec(compile(ast.fix_missing_locations(tree), name, "exec"), module.__dict__)
        return module


def within(seconds, work):
    """The result of work and None, or None and the name of what it raised and of whom."""

    def stop(number, frame):
        raise TooLong

    # Seconds of work: a busy machine is not an endless loop.
    signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        return work(), None
    except TooLong:
        return None, ["TooLong"]
    except BaseException as error:
        signal.setitimer(signal.ITIMER_PROF, 0)
        named = getattr(error, "revisions", None) or []
        return None, [type(error).__name__, *[str(name) for name in named]]
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def say(*fields):
    print(SEPARATOR.join(fields))


def as_texts(name, values):
    return [f"{name}={value}" for value in values]


def examine(folder):
    script = ScriptDirectory(folder, version_locations=[folder])
    revisions = script.revision_map
    _, error = within(LOAD_SECONDS, lambda: revisions._revision_map)
    if error:
        say("outcome", *error)
        return
    say("outcome", "ok")
    say("heads", *revisions.heads)
    say("real_heads", *revisions._real_heads)
    say("bases", *revisions.bases)
    say("real_bases", *revisions._real_bases)
    known = [
        revision
        for name, revision in revisions._revision_map.items()
        if revision is not None and revision.revision == name
    ]
    say("branch_points", *[each.revision for each in known if each.is_branch_point])
    say("merge_points", *[each.revision for each in known if each.is_merge_point])
    for each in known:
        say(
            "revision",
            each.revision,
            *as_texts("label", sorted(each.branch_labels)),
            *as_texts("down", each._versioned_down_revisions),
            *as_texts("dependency", each._resolved_dependencies),
            *as_texts("next", sorted(each.nextrev)),
        )
    unordered = any(len(each._normalized_resolved_dependencies) > 1 for each in known)
    history, error = within(
        HISTORY_SECONDS, lambda: [each.revision for each in script.walk_revisions()]
    )
    if error:
        say("history", *error)
    else:
        say("history", "unordered" if unordered else "ok", *history)


def main():
    warnings.simplefilter("ignore")
    sys.dont_write_bytecode = True
    sys.stdout.reconfigure(encoding="utf-8")
    if "--lenient" in sys.argv[1:]:
        sys.meta_path.append(FakeImports())
        util.load_python_file = load_leniently
    for line in sys.stdin.buffer.read().decode().splitlines():
        examine(pathlib.Path(line))
        print()


main()

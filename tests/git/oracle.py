"""What real Alembic makes of projects: one folder a line comes in, one line of JSON goes out.

A line `folder<TAB>revision` upgrades the folder's SQLite database first.
"""

import io
import json
import os
import sys

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory


def answer(folder, target):
    os.chdir(folder)
    config = Config(os.path.join(folder, "alembic.ini"), stdout=io.StringIO())
    if target:
        command.upgrade(config, target)
    script = ScriptDirectory.from_config(config)
    walked = [revision.revision for revision in script.walk_revisions()]
    return {"heads": sorted(script.get_heads()), "order": walked[::-1]}


for line in sys.stdin:
    folder, _, target = line.rstrip("\n").partition("\t")
    try:
        print(json.dumps(answer(folder, target)), flush=True)
    except Exception as error:
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}), flush=True)

"""Runs statements on SQLite: a JSON list of them in, after each its error and the catalogue out."""

import json
import sqlite3
import sys


def facts(connection):
    """Lines that a replayed schema is compared by."""
    lines = []
    tables = connection.execute(
        "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'"
    ).fetchall()
    for (table,) in tables:
        quoted = '"' + table.replace('"', '""') + '"'
        lines.append(f"table {table}")
        rows = connection.execute(f"pragma table_xinfo({quoted})").fetchall()
        lines.append(f"order {table} ({','.join(row[1] for row in rows)})")
        keys = sorted((row[5], row[1]) for row in rows if row[5])
        if keys:
            lines.append(f"primary key {table} ({','.join(name for _, name in keys)})")
        for _, name, kind, not_null, default, key, _ in rows:
            null = "" if key else f" null {not not_null}"
            lines.append(f"column {table}.{name} {kind.upper()}{null} default {default is not None}")
        for _, name, unique, origin, partial in connection.execute(f"pragma index_list({quoted})"):
            columns = connection.execute(f'pragma index_info("{name}")').fetchall()
            columns = ",".join(column or "()" for _, _, column in columns)
            if origin == "c":
                lines.append(f"index {table} {name} {bool(unique)} ({columns}) {bool(partial)}")
            elif origin == "u":
                lines.append(f"unique {table} ({columns})")
        keys = {}
        for number, _, to, column, target, update, delete, _ in connection.execute(
            f"pragma foreign_key_list({quoted})"
        ):
            key = keys.setdefault(number, [to, [], [], update, delete])
            key[1].append(column)
            key[2].extend([target] if target else [])
        for to, own, target, update, delete in keys.values():
            lines.append(
                f"foreign key {table} ({','.join(own)}) -> {to} ({','.join(target)}) {update} {delete}"
            )
    for (view,) in connection.execute("select name from sqlite_master where type = 'view'"):
        lines.append(f"view {view}")
    return sorted(lines)


def main():
    answers = []
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for statement in json.load(sys.stdin):
        error = None
        try:
            connection.execute(statement)
        except sqlite3.Error as raised:
            error = str(raised)
        answers.append({"error": error, "facts": facts(connection)})
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()

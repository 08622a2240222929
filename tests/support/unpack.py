"""Unpack the text files of wheels that hold or lead to migrations.

usage: unpack.py WHEEL DIRECTORY
"""

import pathlib
import sys
import zipfile

SUFFIXES = (".py", ".ini", ".mako", ".toml", ".cfg")


def main():
    wheel, directory = sys.argv[1:]
    root = pathlib.Path(directory)
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.infolist():
            if member.filename.endswith(SUFFIXES):
                archive.extract(member, root)


main()

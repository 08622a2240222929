"""Reads every ini file of a folder with configparser: its options as hex, or the error's class."""

import configparser
import pathlib
import sys


def show(text):
    return text.encode("utf-8", "surrogatepass").hex()


for path in sorted(pathlib.Path(sys.argv[1]).glob("*.ini")):
    print("file", path.stem)
    parser = configparser.ConfigParser({"here": "/the/folder"})
    try:
        parser.read(path, encoding="utf-8")
    except configparser.Error as error:
        print("error", type(error).__name__)
        continue
    for section in parser.sections():
        for key in sorted(parser.options(section), key=show):
            try:
                value = "=" + show(parser.get(section, key))
            except configparser.InterpolationError as error:
                value = "!" + type(error).__name__
            print("option", show(section) + "." + show(key) + value)

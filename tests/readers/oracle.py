"""Prints what Python's own parser sees in each file named on standard input.

One line per node: kind, start and end as byte offsets of the text as UTF-8, and what else
identifies it. A file begins with a line `= path`, and `! reason` follows where it does not parse.
The inside of an f-string is left out: its positions are wrong before Python 3.12.
"""

import ast
import io
import re
import struct
import sys
import tokenize
import warnings

warnings.simplefilter("ignore")
OPERATORS = {
    "Add": "Add", "Sub": "Subtract", "Mult": "Multiply", "MatMult": "MatrixMultiply",
    "Div": "Divide", "Mod": "Modulo", "Pow": "Power", "LShift": "ShiftLeft",
    "RShift": "ShiftRight", "BitOr": "BitOr", "BitXor": "BitXor", "BitAnd": "BitAnd",
    "FloorDiv": "FloorDivide", "Invert": "Invert", "Not": "Not", "UAdd": "Plus", "USub": "Minus",
    "Eq": "Equal", "NotEq": "NotEqual", "Lt": "Less", "LtE": "LessEqual", "Gt": "Greater",
    "GtE": "GreaterEqual", "Is": "Is", "IsNot": "IsNot", "In": "In", "NotIn": "NotIn",
    "And": "And", "Or": "Or",
}

GAP = re.compile(rb"(?:[\s\\]|#.*)*")
TAIL = re.compile(rb"(?:\s|#[^\n'\"]*$)*\Z", re.MULTILINE)


def checksum(values):
    total = 0
    for index, value in enumerate(values):
        total = (total + (index + 1) * value) % 2**64
    return f"{len(values)}/{total}"


def constant(value):
    if isinstance(value, str):
        codes = [0xFFFD if 0xD800 <= ord(each) <= 0xDFFF else ord(each) for each in value]
        return "str:" + checksum(codes)
    if isinstance(value, bytes):
        return "bytes:" + checksum(value)
    if isinstance(value, bool) or value is None or value is ...:
        return str(value)
    if isinstance(value, int):
        return f"int:{value}" if value < 2**63 else "int"
    if isinstance(value, float):
        return "float:%x" % struct.unpack("<Q", struct.pack("<d", value))
    return "imaginary:%x" % struct.unpack("<Q", struct.pack("<d", value.imag))


def operator(node):
    return OPERATORS[type(node).__name__]


def detail(node):
    match node:
        case ast.Constant(value=value) | ast.MatchSingleton(value=value):
            return constant(value)
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.keyword(arg=name):
            return str(name)
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return name
        case ast.ExceptHandler(name=name):
            return str(name)
        case ast.alias(name=name, asname=asname):
            return f"{name}:{asname}"
        case ast.ImportFrom(module=module, level=level):
            return f"{module}:{level}"
        case ast.Global(names=names) | ast.Nonlocal(names=names):
            return ",".join(names)
        case ast.BinOp(op=op) | ast.UnaryOp(op=op) | ast.BoolOp(op=op) | ast.AugAssign(op=op):
            return operator(op)
        case ast.Compare(ops=ops):
            return ",".join(operator(op) for op in ops)
    return ""


def nodes(tree):
    pending = [tree]
    while pending:
        node = pending.pop()
        if not isinstance(node, ast.Module):
            yield node
        if not isinstance(node, ast.JoinedStr):
            pending.extend(ast.iter_child_nodes(node))


def show(path, out):
    out.write(f"= {path}\n")
    try:
        with open(path, "rb") as file:
            content = file.read()
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        text = content.decode(encoding).removeprefix("\ufeff").encode()
        tree = ast.parse(text.decode())
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        out.write(f"! {type(error).__name__}\n")
        return
    starts = [0] + [match.end() for match in re.finditer(rb"\r\n|\r|\n", text)]
    wanted = (ast.stmt, ast.expr, ast.keyword, ast.alias, ast.ExceptHandler, ast.MatchSingleton)


    def span(node):
        start = starts[node.lineno - 1] + node.col_offset
        return start, starts[node.end_lineno - 1] + node.end_col_offset

    bare = set()
    for node in nodes(tree):
        match node:
            case ast.Call(args=[ast.GeneratorExp() as only], keywords=[]):
                if span(node)[1] == span(only)[1]:
                    bare.add(only)
        if isinstance(node, wanted):
            start, end = span(node)
            if isinstance(node, (ast.stmt, ast.ExceptHandler)):
                # Python counts a semicolon after the last statement of a body.
                end = start + len(text[start:end].rstrip(b"; \t"))
            if node in bare:
                # Python counts the parentheses of the call.
                start += 1 + len(GAP.match(text[start + 1:end - 1]).group())
                end = start + len(TAIL.sub(b"", text[start:end - 1]))
            kind = type(node).__name__.replace("MatchSingleton", "Constant")
            out.write(f"{kind} {start} {end} {detail(node)}\n")


sys.setrecursionlimit(20000)
sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape", newline="\n")
for line in sys.stdin.buffer:
    show(line.decode("utf-8", "surrogateescape").rstrip("\n"), sys.stdout)

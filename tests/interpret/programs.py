# --- literals
emit(None, True, False, 1, -2, 1.5, "a", b"b", (1, 2), [3], {"k": 4}, {5})
emit("a" "b", 'it''s', """x
y""", r"\n", "\t\\")
# --- arithmetic of integers
emit(1 + 2, 7 - 9, 3 * 4, 7 / 2, 7 // 2, -7 // 2, 7 % 3, -7 % 3, 7 % -3, 2 ** 10, 2 ** -1)
emit(1 << 4, 256 >> 2, 6 & 3, 6 | 3, 6 ^ 3, ~5, -(3), +4, divmod(17, 5), divmod(-17, 5))
# --- arithmetic of floats
emit(1.5 + 2, 0.1 + 0.2, 7.0 // 2, -7.5 % 2, 1e16, 1e-5, 123456789.0, 1.0, 1e22, float("2.5"), 3 * 0.5)
# --- booleans are numbers
emit(True + True, sum([True, False, True]), True and 1, 0 or "x", not 0, not "a", True & False, True | 2)
# --- comparisons
emit(1 < 2 < 3, 1 < 2 > 3, "a" < "b", [1, 2] < [1, 3], (1,) == (1,), [1] == (1,), 1 == 1.0, "1" == 1)
emit({1, 2} <= {1, 2, 3}, {1, 2} < {1, 2}, {"a": 1} == {"a": 1.0}, None is None, [] is not None)
# --- membership
emit(1 in [1, 2], "b" in "abc", "k" in {"k": 1}, 3 not in (1, 2), 5 in range(0, 10, 5), "x" in {"x"})
# --- slices
a = [0, 1, 2, 3, 4]
emit(a[1:3], a[:2], a[3:], a[::2], a[::-1], a[-2:], a[4:1:-1], a[10:], a[-10:2])
emit("hello"[1:4], "hello"[::-1], (1, 2, 3)[1:], "héllo"[1], b"abc"[0], b"abc"[1:])
# --- string methods
emit("aB".upper(), "aB".lower(), "hello world".title(), "hELLO".capitalize(), "aB".swapcase())
emit("  x ".strip(), "xxaxx".strip("x"), " x".lstrip(), "x ".rstrip(), "a,b,c".split(","), "a  b c".split())
emit("a,b,c".split(",", 1), "a,b,c".rsplit(",", 1), "a b  c d".split(None, 2), "a\nb\r\nc".splitlines())
emit("a-b".replace("-", "_"), "aaa".replace("a", "b", 2), "abc".startswith("ab"), "abc".endswith(("x", "c")))
emit("abcabc".find("c"), "abc".find("z"), "abcabc".rfind("b"), "abcabc".count("bc"), "abc".index("b"))
emit("7".zfill(3), "-7".zfill(4), "a".ljust(3, "."), "a".rjust(3), "a".center(4, "*"), "ab".center(5, "*"))
emit("a=b=c".partition("="), "a=b=c".rpartition("="), "abc".partition("x"), "test_x".removeprefix("test_"), "x.py".removesuffix(".py"))
emit("12".isdigit(), "ab".isalpha(), "a1".isalnum(), "A".isupper(), "a".islower(), " ".isspace(), "a_b".isidentifier(), "1a".isidentifier())
emit("-".join(["a", "b"]), ",".join(str(i) for i in range(3)), "".join([]), "abc".encode(), b"abc".decode())
emit("abc".translate(str.maketrans("ab", "xy")), "abc".translate({97: None}), "a{}b{}".format(1, 2))
# --- f-strings
name, n, x = "users", 42, 3.14159
emit(f"{name}", f"ix_{name}_{n}", f"{n:05d}", f"{x:.2f}", f"{name!r}", f"{n:>6}|{n:<6}|{n:^6}", f"{n:,}", f"{1234567:,}")
emit(f"{name:>{10}}", f"{n:#x}", f"{n:b}", f"{x:10.3f}", f"{{}}", f"{n + 1}", f"{name.upper()!s:*^9}", f"{None}", f"{True}")
emit(f"{[1, 'a']}", f"{(1,)}", f"{ {'a': 1} }", f"{n=}", f"{'nested ' + 'quotes'}", f"{0.5:.0%}", f"{-5:+d}", f"{5:+d}")
# --- percent formatting
emit("%s" % "a", "%s %d" % ("a", 1), "%(a)s-%(b)s" % {"a": 1, "b": 2}, "%05.1f" % 3.14159, "%r" % "x", "100%%" % (), "%x" % 255)
emit("%-5s|" % "a", "%5s|" % "a", "%03d" % 7, "%s" % (None,), "%i" % 3.9)
# --- str.format
emit("{0}{1}{0}".format("a", "b"), "{x} {y}".format(x=1, y=2), "{:>5}".format("a"), "{0[a]} {1[0]}".format({"a": 1}, [2]))
emit("{!r}".format("a"), "{{}}".format(), "{:{w}}".format("a", w=4), "{a}".format_map({"a": 3}))
# --- containers are shared
a = []
b = a
b.append(1)
emit(a, a is b, a == [1])
c = a[:]
c.append(2)
emit(a, c)
# --- list methods
a = [3, 1, 2]
a.sort()
a.append(5)
a.extend((6, 7))
a.insert(0, 0)
emit(a, a.pop(), a.pop(0), a.index(3), a.count(2))
a.remove(2)
a.reverse()
emit(a, sorted(a, reverse=True), a.copy())
a += [9]
a *= 2
del a[0]
emit(a, len(a), a * 1, a + [1])
a.clear()
emit(a)
# --- sorting is stable
rows = [("b", 1), ("a", 1), ("c", 0)]
emit(sorted(rows, key=lambda row: row[1]), sorted(rows, key=lambda row: row[1], reverse=True), sorted(rows))
rows.sort(key=lambda row: (row[1], row[0]))
emit(rows, min(rows), max(rows), min([3, 1], default=0), max([], default=None), max("a", "b"))
# --- dict methods
d = {"a": 1, "b": 2}
d["c"] = 3
d.update({"d": 4}, e=5)
emit(d, d.get("a"), d.get("z"), d.get("z", 0), d.pop("a"), d.pop("q", None), d.setdefault("x", []), list(d))
emit(list(d.keys()), list(d.values()), list(d.items()), "b" in d, len(d), dict(d, y=1), {**d, "b": 0})
del d["x"]
d |= {"w": 1}
emit(d, d | {"v": 2}, dict([("a", 1)]), dict(zip("ab", [1, 2])), dict.fromkeys("ab", 0), d.popitem())
emit(sorted(d.keys() - {"b"}), sorted(d.keys() & {"b", "c"}))
# --- many keys
d = {f"k{i}": i for i in range(40)}
del d["k3"]
d["k3"] = "last"
emit(list(d)[-1], d["k39"], len(d), d["k20"])
# --- keys that are equal
d = {1: "a", True: "b", 1.0: "c", (1, "x"): 2, None: 3, b"b": 4}
emit(d, d[(1, "x")], d[1], {1, 1.0, True})
# --- set operations
a, b = {1, 2, 3}, {2, 3, 4}
emit(a | b, a & b, a - b, a ^ b, a.union([9]), a.issubset({1, 2, 3, 4}), a.isdisjoint({7}))
a.add(5)
a.discard(99)
a.remove(1)
emit(a, len(a), sorted(a), frozenset([1, 1]), set("aab"))
# --- unpacking
a, b = 1, 2
a, b = b, a
(c, d), *e = [(3, 4), 5, 6]
*f, g = "xyz"
[h, i] = range(2)
emit(a, b, c, d, e, f, g, h, i)
for k, (v, w) in {"a": (1, 2)}.items():
    emit(k, v, w)
x = y = []
x.append(1)
emit(y)
# --- calls with stars
def f(a, b=2, *args, c, d=4, **kwargs):
    emit(a, b, args, c, d, kwargs)
f(1, c=3)
f(1, 2, 3, 4, c=5, e=6)
f(*[1, 2], **{"c": 3, "z": 9})
f(1, *(), c=0, **{}, **{"d": 1})
# --- positional only
def f(a, /, b, *, c=3):
    return (a, b, c)
emit(f(1, 2), f(1, b=2, c=4))
# --- defaults are made once
def f(a=[]):
    a.append(1)
    return a
emit(f(), f(), f([5]))
# --- closures
def outer(x):
    def inner(y):
        return x + y
    return inner
emit(outer(1)(2))
fs = [lambda: i for i in range(3)]
emit([g() for g in fs])
fs = [lambda i=i: i for i in range(3)]
emit([g() for g in fs])
# --- nonlocal and global
count = 0
def bump():
    global count
    count += 1
    local = 0
    def inner():
        nonlocal local
        local += 10
        return local
    inner()
    return inner()
emit(bump(), count, bump(), count)
# --- recursion
def fact(n):
    return 1 if n <= 1 else n * fact(n - 1)
emit(fact(10), [fact(i) for i in range(5)])
# --- comprehensions
emit([x * x for x in range(5) if x % 2], {x: y for x, y in zip("ab", [1, 2])}, {x % 3 for x in range(9)})
emit([(x, y) for x in range(3) for y in range(x) if x + y > 1], [[y for y in range(x)] for x in range(3)])
emit(list(x for x in "ab"), sum(x for x in range(4)), tuple(i for i in (1, 2)))
x = "outer"
_ = [x for x in range(3)]
emit(x)
# --- walrus
if (n := 10) > 5:
    emit(n)
emit([y := 1, y ** 2], [last := i for i in range(3)], last)
# --- conditionals
def grade(n):
    if n > 90:
        return "A"
    elif n > 80:
        return "B"
    else:
        return "C"
emit(grade(95), grade(85), grade(1), "yes" if [] else "no")
# --- for loops
for i in range(5):
    if i == 1:
        continue
    if i == 3:
        break
    emit(i)
else:
    emit("not here")
for i in []:
    emit("never")
else:
    emit("else")
for i, c in enumerate("ab", 1):
    emit(i, c)
for i, c in enumerate("ab", start=5):
    emit(i, c)
# --- while loops
n = 3
while n:
    n -= 1
    if n == 1:
        continue
    emit(n)
else:
    emit("done")
while True:
    n += 1
    if n > 2:
        break
emit(n)
# --- nested loops
out = []
for i in range(3):
    for j in range(3):
        if j == 2:
            break
        if i == 1:
            continue
        out.append((i, j))
emit(out)
# --- try and except
try:
    {}["a"]
except KeyError as error:
    emit("key", error.args)
try:
    [][0]
except (KeyError, IndexError):
    emit("index")
try:
    1 / 0
except ArithmeticError:
    emit("zero")
else:
    emit("no")
finally:
    emit("finally")
try:
    int("x")
except ValueError as e:
    emit(str(e))
try:
    pass
except Exception:
    emit("no")
else:
    emit("else")
# --- finally and return
def f():
    try:
        return "body"
    finally:
        emit("cleanup")
def g():
    for i in range(3):
        try:
            if i == 1:
                break
        finally:
            emit("f", i)
    return i
emit(f(), g())
# --- raising
class MyError(ValueError):
    def __init__(self, code):
        super().__init__(f"code {code}")
        self.code = code
def f(x):
    raise MyError(x)
try:
    f(3)
except ValueError as e:
    emit(e.code, str(e), isinstance(e, MyError), type(e).__name__)
try:
    try:
        raise KeyError("a")
    except KeyError:
        raise RuntimeError("b")
except RuntimeError as e:
    emit(str(e))
try:
    try:
        raise KeyError("a")
    except KeyError:
        raise
except KeyError as e:
    emit(repr(e), str(e))
# --- uncaught
emit("before")
raise ValueError("out")
# --- asserting
assert True
try:
    assert 1 == 2, "message"
except AssertionError as e:
    emit(str(e))
# --- stop iteration
it = iter([1, 2])
emit(next(it), next(it), next(it, "end"))
try:
    next(it)
except StopIteration:
    emit("stopped")
# --- iterators are used up
z = zip([1, 2], "ab")
emit(list(z), list(z))
g = (x for x in range(3))
emit(sum(g), sum(g))
m = map(str, [1, 2])
emit(list(m), list(map(lambda a, b: a + b, [1, 2], [3, 4])), list(filter(None, [0, 1])), list(filter(lambda v: v > 1, [1, 2])))
# --- builtins
emit(len("abc"), len({1: 2}), abs(-3), abs(-2.5), round(2.5), round(3.5), round(2.675, 2), min(3, 1), max([1, 5]), sum([1, 2], 10))
emit(any([0, 1]), all([]), all([1, 0]), any([]), list(range(3)), list(range(5, 0, -2)), list(reversed([1, 2])), ord("a"), chr(98))
emit(hex(255), bin(5), oct(8), repr("a'b"), repr('a"b'), repr("a\n"), str(1.0), str(None), int("12"), int(" 7 "), int("ff", 16), int(3.9), int(True), float(3))
emit(bool([]), bool("x"), list("ab"), tuple([1]), set([1]), dict(a=1), str(b"a"), bytes([65]), callable(len), callable(3), pow(2, 5))
emit(isinstance(1, int), isinstance(True, int), isinstance("a", (int, str)), isinstance([], list), isinstance({}, dict), isinstance(1, str), isinstance(None, type(None)))
emit(format(3.14159, ".2f"), format("a", ">3"), type(1) is int, type("a") == str, issubclass(bool, int))
# --- repr of containers
emit(repr([1, "a", None, (2,), {"b": 1.5}]), str({"a": [True]}), repr(()), repr({}), repr(set()), repr({1}), str((1, 2)))
# --- generators
def count(n):
    i = 0
    while i < n:
        yield i
        i += 1
def both():
    yield "a"
    yield from count(2)
    return 3
emit(list(count(3)), list(both()), [x for x in both()], max(count(4)))
for x in both():
    emit(x)
# --- classes
class A:
    kind = "a"
    def __init__(self, x, y=2):
        self.x = x
        self.y = y
    def total(self):
        return self.x + self.y
    @property
    def double(self):
        return self.x * 2
    @classmethod
    def make(cls, x):
        return cls(x, 0)
    @staticmethod
    def helper(z):
        return z + 1
    def __str__(self):
        return f"A({self.x})"
    def __repr__(self):
        return f"<A {self.x}>"
a = A(1)
emit(a.total(), a.double, A.make(5).total(), A.helper(1), a.helper(2), str(a), f"{a}", repr([a]), a.kind, A.kind)
a.x = 10
a.kind = "own"
emit(a.total(), a.kind, A.kind, hasattr(a, "x"), hasattr(a, "q"), getattr(a, "q", 7), getattr(a, "y"))
setattr(a, "new", 3)
del a.new
emit(hasattr(a, "new"), a.__class__.__name__, type(a) is A, isinstance(a, A), isinstance(a, int), A.__name__)
m = a.total
emit(m(), A.total(a))
# --- inheritance
class Base:
    table = None
    columns = ["id"]
    @classmethod
    def up(cls):
        emit("create", cls.table, cls.columns, cls.__name__)
    def hello(self):
        return "base"
class Child(Base):
    table = "child"
    columns = Base.columns + ["name"]
    def hello(self):
        return "child of " + super().hello()
class Grand(Child):
    def hello(self):
        return "grand of " + super(Grand, self).hello()
Child.up()
Grand().up()
emit(Grand().hello(), issubclass(Grand, Base), [c.__name__ for c in Grand.__mro__][:3])
# --- diamonds
class A:
    def f(self): return ["A"]
class B(A):
    def f(self): return ["B"] + super().f()
class C(A):
    def f(self): return ["C"] + super().f()
class D(B, C):
    def f(self): return ["D"] + super().f()
emit(D().f())
# --- super in classmethods
class A:
    @classmethod
    def make(cls, n):
        return (cls.__name__, n)
class B(A):
    @classmethod
    def make(cls, n):
        return super().make(n + 1)
emit(B.make(1))
# --- class bodies
class Config:
    names = ["a", "b"]
    upper = [n.upper() for n in names]
    if True:
        flag = 1
    for i in range(2):
        last = i
    def get(self):
        return Config.flag
emit(Config.upper, Config.flag, Config.last, Config().get())
# --- operators of classes
class V:
    def __init__(self, n): self.n = n
    def __add__(self, o): return V(self.n + o.n)
    def __eq__(self, o): return self.n == o.n
    def __lt__(self, o): return self.n < o.n
    def __len__(self): return self.n
    def __getitem__(self, i): return self.n * i
    def __setitem__(self, i, v): self.n = v
    def __contains__(self, x): return x == self.n
    def __call__(self, x): return x + self.n
    def __iter__(self): return iter(range(self.n))
    def __bool__(self): return self.n > 1
v = V(1) + V(2)
emit(v.n, v == V(3), V(1) < V(2), len(v), v[4], 3 in v, v(1), list(v), bool(V(1)), bool(v), max([V(1), V(5)]).n)
v[0] = 9
emit(v.n, v != V(9))
# --- attributes by name
class A:
    def __getattr__(self, name):
        return "no " + name
a = A()
a.x = 1
emit(a.x, a.y)
# --- enums
import enum
class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"
    CRIMSON = "red"
    def label(self):
        return self.value.title()
    @classmethod
    def default(cls):
        return cls.RED
emit([c.value for c in Color], [c.name for c in Color], Color.RED.value, Color("blue").name, Color["RED"].value, len(Color))
emit(Color.CRIMSON is Color.RED, Color.RED == "red", Color.RED.label(), Color.default().name, list(Color.__members__), isinstance(Color.RED, Color))
emit(Color.RED == Color.RED, Color.RED != Color.BLUE, Color.RED in Color, str(Color.RED), repr(Color.RED), {Color.RED: 1}[Color.RED])
try:
    Color("green")
except ValueError as e:
    emit(str(e))
# --- str enums
from enum import Enum
class State(str, Enum):
    on = "on"
    off = "off"
emit(State.on == "on", State.on.upper(), [s.value for s in State], "x" + State.off, State("on").name, ",".join(State), isinstance(State.on, str), {"on": 1}[State.on])
# --- auto and int enums
from enum import Enum, IntEnum, auto
class A(Enum):
    x = auto()
    y = auto()
    z = 10
    w = auto()
class B(IntEnum):
    one = 1
    two = 2
emit([(m.name, m.value) for m in A], B.one + 1, B.two > B.one, sorted(B)[0].name, B(2).name, int(B.two))
# --- enums made by calls
import enum
Color = enum.Enum("Color", ["a", "b"])
Size = enum.Enum("Size", "small large")
Kind = enum.Enum("Kind", {"x": "ex"})
emit([(c.name, c.value) for c in Color], [s.name for s in Size], Kind.x.value)
# --- enums with fields
from enum import Enum
class Planet(Enum):
    EARTH = (1, "e")
    MARS = (2, "m")
    def __init__(self, mass, letter):
        self.mass = mass
        self.letter = letter
emit(Planet.EARTH.mass, Planet.MARS.letter, Planet.MARS.value)
# --- dataclasses
from dataclasses import dataclass, field
@dataclass
class P:
    x: int
    y: int = 2
    tags: list = field(default_factory=list)
    def total(self): return self.x + self.y
@dataclass
class Q(P):
    z: str = "z"
a, b = P(1), P(1)
a.tags.append(1)
emit(a.x, a.y, a.tags, b.tags, a == b, P(1) == P(1), a.total(), P(y=5, x=1).total(), Q(1, 2, [], "q").z, repr(P(1)))
# --- named tuples
from collections import namedtuple
from typing import NamedTuple
Point = namedtuple("Point", "x y")
class Row(NamedTuple):
    name: str
    size: int = 5
p = Point(1, y=2)
x, y = p
emit(p.x, p[1], x, y, list(p), p == (1, 2), Row("a").size, Row("a", 3)[1], len(p), [r.name for r in [Row("z")]], p._asdict())
# --- decorators
import functools
def twice(f):
    @functools.wraps(f)
    def inner(*args, **kwargs):
        f(*args, **kwargs)
        return f(*args, **kwargs)
    return inner
def tagged(tag):
    def wrap(f):
        def inner(x):
            return (tag, f(x))
        return inner
    return wrap
@twice
def say(x):
    emit(x)
    return x
@tagged("t")
def inc(x): return x + 1
@functools.lru_cache(maxsize=None)
def cached(x): return x * 2
emit(say("hi"), inc(1), cached(4))
# --- context managers
from contextlib import contextmanager, suppress, nullcontext
@contextmanager
def section(name):
    emit("enter", name)
    try:
        yield name.upper()
    finally:
        emit("exit", name)
with section("a") as a, section("b") as b:
    emit(a, b)
with suppress(KeyError):
    {}["x"]
    emit("not here")
emit("after")
with nullcontext(5) as n:
    emit(n)
def f():
    with section("c"):
        return "returned"
emit(f())
for i in range(3):
    with section(str(i)):
        if i == 1:
            break
try:
    with section("d"):
        raise ValueError("x")
except ValueError:
    emit("caught")
# --- context managers that are classes
class Guard:
    def __init__(self, swallow): self.swallow = swallow
    def __enter__(self):
        emit("in")
        return self
    def __exit__(self, kind, value, trace):
        emit("out", value is None)
        return self.swallow
with Guard(True) as g:
    emit(g.swallow)
    raise KeyError("x")
try:
    with Guard(False):
        raise KeyError("y")
except KeyError:
    emit("caught")
# --- standard library
import collections, itertools, textwrap, json, copy, operator, string, functools
d = collections.OrderedDict([("a", 1)])
d["b"] = 2
dd = collections.defaultdict(list)
dd["x"].append(1)
dq = collections.deque([1, 2])
dq.appendleft(0)
emit(d["b"], list(d), dict(dd), dd["new"], dq.popleft(), list(dq), list(itertools.chain([1], (2, 3))), list(itertools.product("ab", [1, 2])))
emit(textwrap.dedent("""
    a
      b
    """), json.dumps({"a": [1, None, True, 1.5, "x\"y"]}), functools.reduce(lambda a, b: a + b, [1, 2, 3]), functools.partial(max, 3)(1), string.ascii_lowercase[:3])
a = [[1]]
b, c = copy.copy(a), copy.deepcopy(a)
a[0].append(2)
emit(b, c, list(itertools.islice(range(10), 2, 5)), list(itertools.chain.from_iterable([[1], [2]])), list(itertools.repeat("x", 2)))
# --- paths
import os
emit(os.path.join("a", "b", "c.sql"), os.path.basename("/x/y.py"), os.path.dirname("/x/y.py"), os.path.splitext("a.tar.gz"))
# --- async functions
async def f(x):
    return x + 1
async def g():
    emit(await f(1))
# --- methods of types
emit(str.upper("a"), list(map(str.strip, [" a ", "b "])), dict.get({"a": 1}, "a"), list(map(int, ["1", "2"])), sorted(["b", "A"], key=str.lower))
# --- matching
def f(x):
    match x:
        case 1 | 2:
            return "small"
        case "a":
            return "letter"
        case _:
            return "other"
emit(f(1), f(2), f("a"), f(9), f(None))
# --- matching with guards
def f(x, y):
    match x:
        case "a" if y:
            return 1
        case "a":
            return 2
        case other:
            return other
emit(f("a", True), f("a", False), f("b", 0))
# --- deleting names
x = 1
del x
try:
    x
except NameError:
    emit("gone")
a = [1, 2, 3, 4]
del a[1:3]
emit(a)
# --- augmented assignment
class A: pass
a = A()
a.n = 1
a.n += 2
d = {"k": [1]}
d["k"] += [2]
d["n"] = 1
d["n"] *= 5
s = "a"
s += "b"
t = (1,)
t += (2,)
q = {1}
q |= {2}
emit(a.n, d, s, t, q)
# --- aliasing through arguments
def fill(target, **extra):
    target["x"] = extra
    extra["y"] = 1
d = {}
fill(d, a=1)
emit(d)
# --- chained methods
emit("  Some_Name ".strip().lower().replace("_", " ").split()[0].title())
# --- sets of tuples and lookups
known = {("a", 1), ("b", 2)}
emit(("a", 1) in known, ("a", 2) in known, sorted(known))
# --- conditional expressions in calls
emit(*(["a"] if 1 else []), **({"k": 1} if True else {}))
# --- imports in functions
def f():
    import os.path as p
    from itertools import chain as c
    return p.join("a", "b"), list(c([1], [2]))
emit(f())
# --- module level loops build tables
TABLES = {"users": ["id", "name"], "posts": ["id"]}
for table, columns in sorted(TABLES.items()):
    for column in columns:
        emit(f"ix_{table}_{column}", table, [column], unique=column == "id")
# --- lambdas
f = lambda x, *a, k=1, **kw: (x, a, k, kw)
emit(f(1), f(1, 2, k=3, z=4), (lambda: 5)(), sorted([3, 1], key=lambda x: -x))
# --- early returns
def f(x):
    if not x:
        return
    for i in x:
        if i > 1:
            return i
emit(f([]), f([1, 2, 3]), f([0]))
# --- wrong calls
def f(a): return a
for args in [(), (1, 2)]:
    try:
        f(*args)
    except TypeError:
        emit("wrong", len(args))
try:
    f(1, b=2)
except TypeError:
    emit("unexpected")
try:
    len(5)
except TypeError:
    emit("no length")
try:
    "a" + 1
except TypeError:
    emit("no sum")
try:
    None.x
except AttributeError:
    emit("no attribute")
try:
    a, b = [1]
except ValueError:
    emit("too few")
# --- big numbers stay in range
emit(10 ** 15 + 1, 2 ** 62, -(2 ** 62), 10 ** 18 // 7)
# --- bytes
emit(b"ab" + b"c", b"abc".hex(), b"a" in [b"a"], len(b"abc"), list(b"ab"), repr(b"\x00a'"))
# --- zip of unequal lengths
emit(list(zip([1, 2, 3], "ab")), dict(zip(["a"], [1])), list(zip()), [*zip([1], [2], [3])])
# --- nested functions share a list
def collect():
    out = []
    def add(x):
        out.append(x)
        return add
    add(1)(2)(3)
    return out
emit(collect())
# --- properties that are cached
import functools
class A:
    @functools.cached_property
    def x(self): return 5
    @property
    def y(self): return self._y
    @y.setter
    def y(self, v): self._y = v
emit(A().x)
# --- class attributes that are functions
class Op:
    verbs = {"a": lambda x: x + 1}
    def run(self, k, v): return self.verbs[k](v)
emit(Op().run("a", 1))
# --- vars
class A:
    def __init__(self):
        self.a = 1
        self.b = [2]
emit(vars(A()), A().__dict__)
# --- ternary chains
emit([("fizz" if i % 3 == 0 else "") + ("buzz" if i % 5 == 0 else "") or i for i in range(1, 16)])
# --- string building
sql = "SELECT "
sql += ", ".join("%s AS c%d" % (c, i) for i, c in enumerate(["a", "b"]))
sql = sql + " FROM {t}".format(t="x") + f" LIMIT {1 + 1}"
emit(sql)
# --- else of try in a loop
for key in ["a", "b"]:
    try:
        v = {"a": 1}[key]
    except KeyError:
        continue
    else:
        emit(key, v)
    finally:
        emit("done", key)
# --- star in literals
a = [1, 2]
emit([0, *a, 3], (*a,), {*a, 3}, {**{"x": 1}, "y": 2}, [*"ab"], [*range(2), *{}])
# --- comparing instances
class A: pass
a, b = A(), A()
emit(a == b, a == a, a != b, a in [b, a], {a: 1}[a])
# --- exception hierarchy
for kind in (KeyError, IndexError, FileNotFoundError, ZeroDivisionError, UnicodeDecodeError, NotImplementedError, ModuleNotFoundError):
    emit(kind.__name__, issubclass(kind, LookupError), issubclass(kind, OSError), issubclass(kind, ValueError), issubclass(kind, Exception), issubclass(kind, RuntimeError))
# --- abstract base classes
from abc import ABC, abstractmethod
class Shape(ABC):
    @abstractmethod
    def area(self): ...
    def twice(self): return self.area() * 2
class Square(Shape):
    def area(self): return 4
emit(Square().twice())
# --- type annotations
from typing import Dict, List, Optional, Sequence, Union, TYPE_CHECKING, cast
if TYPE_CHECKING:
    emit("never")
down: Union[str, Sequence[str], None] = "abc"
names: List[str] = ["a"]
later: int
def f(x: Optional[int] = None, **kw: Dict[str, int]) -> "int":
    return cast(int, x or 3)
emit(down, names, f(), f(2))
# --- iterating over a dict while reading it
d = {"a": {"b": [1, 2]}, "c": {}}
emit([(k, k2, v) for k, inner in d.items() for k2, vs in inner.items() for v in vs])
# --- abc instances
from collections.abc import Mapping, Sequence, Iterable
emit(isinstance({}, Mapping), isinstance([], Sequence), isinstance("a", Iterable), isinstance(1, Iterable), isinstance((), Mapping))
# --- str of exceptions
for e in [ValueError(), ValueError("a"), ValueError("a", 1), KeyError("k"), Exception(5)]:
    emit(str(e), repr(e), e.args)
# --- generators with state
def windows(items, size):
    for at in range(0, len(items), size):
        yield items[at:at + size]
emit(list(windows(list("abcdefg"), 3)))
# --- while with else and break
n = 0
while n < 5:
    n += 1
    if n == 3:
        break
else:
    emit("no")
emit(n)
# --- default dict of dicts
from collections import defaultdict
d = defaultdict(lambda: defaultdict(int))
d["a"]["x"] += 1
d["a"]["x"] += 1
emit({k: dict(v) for k, v in d.items()}, "q" in d, d.get("q"))
# --- none of it runs
if False:
    emit("no")
while False:
    emit("no")
for _ in ():
    emit("no")
def unused():
    emit("no")
emit("only")
# --- columns made by a helper
def column(name, kind="text", **options):
    return {"name": name, "kind": kind, **options}
def timestamps():
    return [column("created_at", "timestamp", nullable=False), column("updated_at", "timestamp")]
emit("users", column("id", "integer", primary_key=True), *timestamps())
# --- statements from templates
TEMPLATE = """
    ALTER TABLE {table}
        ADD COLUMN {column} %s
"""
for table in ("a", "b"):
    emit((TEMPLATE % "TEXT").format(table=table, column=f"{table}_id").strip())
# --- tables from tuples
MAPPING = (
    ("users", "email", 255),
    ("posts", "title", None),
)
for table, name, length in MAPPING:
    kind = f"VARCHAR({length})" if length is not None else "TEXT"
    emit(table, name, kind)
# --- classes that migrate
class Migration:
    tables = ()
    suffix = "_old"
    def __init__(self, prefix):
        self.prefix = prefix
        self.done = []
    def name(self, table):
        return f"{self.prefix}{table}{self.suffix}"
    def up(self):
        for table in self.tables:
            self.rename(table)
        return self
    def rename(self, table):
        self.done.append(self.name(table))
class Users(Migration):
    tables = ("users", "roles")
    suffix = "_new"
    def rename(self, table):
        super().rename(table.upper())
emit(Users("t_").up().done, Migration("x").up().done)
# --- mixins
class Named:
    def label(self): return "named " + self.name
class Sized:
    size = 3
    def label(self): return "sized"
class Both(Named, Sized):
    name = "both"
emit(Both().label(), Both().size, [c.__name__ for c in Both.__bases__])
# --- functions as values
def add(t): return f"add {t}"
def drop(t): return f"drop {t}"
ACTIONS = {"up": add, "down": drop}
for way, action in ACTIONS.items():
    emit(way, action("x"), action.__name__)
emit([f("t") for f in (add, drop)], (add if 1 else drop)("q"))
# --- chunks and windows
items = list(range(7))
emit([items[i:i + 3] for i in range(0, len(items), 3)], list(zip(items, items[1:])), items[-1], items[::-3])
# --- grouping
rows = [("a", 1), ("b", 2), ("a", 3)]
groups = {}
for key, value in rows:
    groups.setdefault(key, []).append(value)
emit(groups, {k: sum(v) for k, v in groups.items()}, max(groups, key=lambda k: sum(groups[k])))
# --- inverting dicts
colours = {"red": 1, "blue": 2}
emit({v: k for k, v in colours.items()}, dict(sorted(colours.items())), sorted(colours, key=colours.get, reverse=True))
# --- flags and counters
done = False
attempts = 0
while not done and attempts < 10:
    attempts += 1
    done = attempts * attempts > 20
emit(done, attempts)
# --- nested conditionals
def kind(dialect, version=None):
    if dialect == "postgresql":
        if version and version >= 10:
            return "identity"
        return "serial"
    elif dialect in ("mysql", "mariadb"):
        return "auto_increment"
    return None
emit(kind("postgresql"), kind("postgresql", 12), kind("mariadb"), kind("sqlite"))
# --- errors that helpers raise
class Unsupported(Exception):
    def __init__(self, name, *, hint=None):
        self.name, self.hint = name, hint
        super().__init__(f"{name} is not supported")
def check(name):
    if name not in {"a", "b"}:
        raise Unsupported(name, hint="use a")
    return name
for name in ["a", "c"]:
    try:
        emit(check(name))
    except Unsupported as error:
        emit(str(error), error.hint, error.args)
    else:
        emit("fine")
# --- finally sees what was raised
log = []
def f():
    try:
        log.append("try")
        raise KeyError("k")
    except ValueError:
        log.append("never")
    finally:
        log.append("finally")
try:
    f()
except LookupError:
    log.append("outer")
emit(log)
# --- returning from loops within try
def first_even(items):
    for item in items:
        try:
            if item % 2 == 0:
                return item
        except TypeError:
            continue
    return None
emit(first_even([1, "x", 4]), first_even([1]), first_even([]))
# --- generators that are stopped early
def numbers():
    yield 1
    yield 2
    return
    yield 3
emit(list(numbers()), next(numbers()), sorted(numbers(), reverse=True), 2 in numbers())
# --- star expressions in returns
def f():
    rest = [2, 3]
    return 1, *rest
emit(f(), [*f(), 4], len(f()))
# --- keyword only defaults
def f(*, schema=None, **kw):
    return schema, sorted(kw)
emit(f(), f(schema="s", b=1, a=2))
# --- lambdas with defaults and stars
emit((lambda *a, sep="-": sep.join(a))("a", "b"), (lambda **k: sorted(k.items()))(x=1), list(map(lambda p: p[0] + p[1], [(1, 2)])))
# --- strings as sequences
emit([c for c in "abc"], "abc"[-1], "x" * 3, "a" in "abc", len("äö"), "ä".upper(), list(enumerate("ab")), sorted("cab"), "".join(reversed("abc")))
# --- multiline text
import textwrap
text = textwrap.dedent("""\
    CREATE TABLE a (
        id INTEGER
    );
""")
emit(text, text.splitlines(), [line.strip() for line in text.split("\n") if line.strip()])
# --- conditions on kinds
def describe(x):
    if x is None: return "none"
    if isinstance(x, bool): return "bool"
    if isinstance(x, (int, float)): return "number"
    if isinstance(x, str): return "text"
    if isinstance(x, dict): return "dict of " + ", ".join(sorted(x))
    return [describe(each) for each in x]
emit(describe([None, True, 1, 2.5, "a", {"b": 1, "a": 2}, (1,)]))
# --- memo in a default
def fib(n, memo={}):
    if n not in memo:
        memo[n] = n if n < 2 else fib(n - 1) + fib(n - 2)
    return memo[n]
emit(fib(20), fib(5))
# --- globals changed through functions
STATE = {"count": 0}
LOG = []
def step(name):
    STATE["count"] += 1
    LOG.append((STATE["count"], name))
for name in "xy":
    step(name)
emit(STATE, LOG)
# --- enums as arguments
import enum
class Status(str, enum.Enum):
    NEW = "new"
    OLD = "old"
    @classmethod
    def values(cls):
        return [member.value for member in cls]
    @property
    def quoted(self):
        return f"'{self.value}'"
emit(*Status.values(), name="status")
emit(*[s.quoted for s in Status], tuple(s.name for s in Status), Status.NEW in (Status.NEW,), Status("old") is Status.OLD)
emit({s: s.value for s in Status}[Status.NEW], sorted(s.value for s in Status), "new" in [s.value for s in Status])
# --- enums compared
from enum import Enum
class A(Enum):
    x = 1
class B(Enum):
    x = 1
emit(A.x == B.x, A.x is A.x, A.x != 1, A.x.value == B.x.value, hasattr(A, "x"), getattr(A, "x").name, A.x in {A.x})
# --- named tuples as rows
from typing import NamedTuple, Optional
class Column(NamedTuple):
    name: str
    type: str = "TEXT"
    length: Optional[int] = None
    def sql(self):
        return self.name + " " + self.type + (f"({self.length})" if self.length else "")
columns = [Column("id", "INTEGER"), Column("name", length=20)]
emit([c.sql() for c in columns], columns[0] == Column("id", "INTEGER"), [name for name, *_ in columns], columns[1]._asdict())
# --- dataclasses with methods
from dataclasses import dataclass, field
@dataclass
class Index:
    table: str
    columns: list
    unique: bool = False
    name: str = ""
    def __post_init__(self):
        self.name = self.name or "_".join(["ix", self.table, *self.columns])
emit(Index("t", ["a", "b"]).name, Index("t", [], name="q").name, Index("t", ["a"], True).unique)
# --- partial application
from functools import partial
def make(table, column, kind="TEXT", **kw):
    return table, column, kind, kw
users = partial(make, "users", kind="INT")
emit(users("id"), users("id", kind="BIG", nullable=True), partial(users, "x")())
# --- closures over loops
makers = {}
for name in ["a", "b"]:
    def maker(value, name=name):
        return f"{name}={value}"
    makers[name] = maker
emit(makers["a"](1), makers["b"](2))
# --- deleting from a dict while walking a copy
d = {"a": 1, "b": None, "c": 3}
for key, value in list(d.items()):
    if value is None:
        del d[key]
d.pop("c")
emit(d, "b" not in d, bool(d), d or "empty")
# --- slices assigned
a = [1, 2, 3]
a[:] = [9]
b = a
a += [8]
emit(a, b, a is b)
# --- chained comparisons and short circuits
calls = []
def note(x):
    calls.append(x)
    return x
emit(note(1) < note(2) < note(3), note(0) and note(5), note(7) or note(8), calls)
# --- star imports of nothing used
import re, os, sys, logging, datetime, uuid, typing
logger = logging.getLogger(__name__)
logger.info("x %s", 1)
emit("logged")
# --- text of numbers
emit(str(10), str(-1.5), str(1e100), f"{1e-7}", "%s" % 2.0, repr(0.1), f"{3.0:g}" if False else "g", str(10 ** 16 / 1), "%.3f" % 2, "{:.1f}".format(0.25), f"{255:02X}")
# --- walrus in loops
data = [1, 2, 3]
while (n := data.pop()) > 1:
    emit(n)
emit(n, data, [m for v in data if (m := v)] or "none")
# --- any and all over generators
rows = [{"name": "a"}, {"name": "b"}]
emit(any(r["name"] == "b" for r in rows), all("name" in r for r in rows), next((r for r in rows if r["name"] == "b"), None), next((r for r in rows if r["name"] == "z"), None), {r["name"] for r in rows})
# --- functions looked up in globals()
def upgrade_one():
    emit("one")
def upgrade_two():
    emit("two")
for name in ["one", "two"]:
    globals()["upgrade_%s" % name]()
def later():
    module = globals()
    found = module.get("nothing", None) or module.get("upgrade_two")
    return found
later()()
emit("upgrade_one" in globals(), "upgrade_three" in globals())
# --- a function that eval finds by its name
def upgrade_one():
    emit("one")
def run(engine_name):
    local = "here"
    eval("upgrade_%s" % engine_name)()
    emit(eval("local"))
run("one")
# --- texts put together of pieces
parts = ["a", "b"]
emit("x %s y" % "z", "%s-%s" % ("p", "q"), "%(k)s" % {"k": 1}, ", ".join(parts), "{} {x}".format(1, x=2), f"{'a'}{1}")

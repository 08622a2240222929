"""Every statement of Python, in each of its forms."""
from __future__ import annotations

import a, b.c as d
import e.f.g
from . import h
from .. import i as j
from ...k.l import (
    m,
    n as o,  # a comment
)
from p import *

x = 1; y = 2;
x = y = z = 3
x, y = y, x
(x), [y, *z] = 1, [2, 3]
x: int
x: int = 4
(x): int = 5
x.y: list[int] = []
x[0]: str
x += 1; x -= 1; x *= 2; x /= 2; x //= 2; x %= 2
x **= 2; x <<= 1; x >>= 1; x |= 1; x &= 1; x ^= 1; x @= x
del x, (y, z), w[0]
del (v)
pass
...
"not a docstring"
assert x
assert x, "message"
(x)
(x, y)
x,
x, y,
yield_ = lambda: (yield)


@decorator
def f(): pass


@a.b(c=1)  # why

# more
@(d)
@e[0]
async def g(a, /, b: int = 1, *args: str, c, d=2, **kwargs: dict) -> "str":
    """Docstring."""
    global x, y
    nonlocal_ = 1
    await b
    async for i in c: break
    else: continue_ = 1
    async with a as b, c: pass
    async with (a as b, c as d,): pass
    return
    return a, b
    return (a, b)
    return *a, b


def outer():
    v = 1
    def inner(self, *, k=None):
        nonlocal v
        yield
        yield 1, 2
        yield from inner()
        x = yield
        x = yield 1
        x += yield 2
        raise
        raise ValueError
        raise ValueError("a") from None
    return inner


class A: pass
class B(): pass
class C(A, B, *bases, metaclass=M, **kw):
    x = 1

    @property
    def y(self):
        return self.x

    class D:
        """Nested."""


if a: pass
if a:
    b
elif c:
    d
elif e:
    f
else:
    g
if a:
    b
else:
    if c:
        d
if (a):
    b
elif (c): d

while a: break
while (a := b):
    continue
else:
    pass

for i in a: pass
for i, j in a, b:
    continue
for (i, j) in (a): pass
for i, in a: pass
for i in *a, b: pass
for x.y in z: pass
else:
    pass

with a: pass
with a as b: pass
with a, b as c: pass
with (a): pass
with (a, b): pass
with (a) as b: pass
with (a, b) as c: pass
with (a as b): pass
with (a as b, c as d): pass
with (
    a,
    b as c,
): pass
with (yield_): pass
with a() as (b, c), d as [e, f], g as h.i, j as k[0]: pass

try:
    pass
except:
    pass
try:
    a
except A:
    b
except (B, C) as e:
    c
except D as f: pass
else:
    d
finally:
    e
try: a
finally: b
try:
    a
except* A:
    b
except* (B, C) as e:
    c

if True:
  two = 1
  if two:
        eight = 2
print \
    (x)
if a and \
   b: pass
x = [
    1,
        2,
  3
]

None; True; False; ...
0; 1; 1_000; 0xFF; 0Xff_ff; 0o17; 0B1_0; 00; 0_0
9223372036854775807; 9223372036854775808; -9223372036854775808
123456789012345678901234567890; 0xffffffffffffffffffffffff
0.; .5; 1.5; 1e10; 1E-10; 1_0.0_1e+1_0; 0e0; 1e400; 5e-324
1j; 1.5J; .5e3j; 0j; 10_0j
a; _b; c1
a.b; a.b.c; a. b . c; 1 .real; (a).b; a\
.b
a[0]; a[b, c]; a[b,]; a[(b, c)]; a[(b)]; a[:]; a[1:]; a[:2]; a[1:2]; a[1:2:3]; a[::]; a[::2]
a[1:2, ::3, ...]; a[b:c, d]; a[*b]; a[*b, c]; a[*b,]; a[b := 1]; a[lambda: 0]; a[b[c[d]]]
a(); a(b); a(b, c); a(b, c,); a(*b); a(**b); a(b, *c, d, *e, f=1, g=2, **h); a(b=c)
a(b for b in c); a((b for b in c)); a(b for b in c if d); a(b, (c for c in d)); a((b), (c))
a(b=(c)); a(b := c); a((b := c)); a(b := (c)); a(b=(c := d)); a(**{"b": c}, d=e); a(**b, **c)
a()()(); a.b().c()[d].e(); a (b) [c] . d
(); (a,); (a, b); (a, b,); a,; (((a))); ((a, b)); ((a), b)
[]; [a]; [a,]; [a, b]; [*a, b]; [(a)]; [[a], [[b]]]
{a}; {a, b}; {a, b,}; {*a, b}; {(a)}
{}; {a: b}; {a: b, c: d}; {a: b, **c}; {**a}; {**a, **b,}; {a: (b), (c): d}; {a: {b: c}}
{a: lambda: b}; {(lambda: a): b}
a + b; a - b; a * b; a / b; a // b; a % b; a @ b; a ** b; a << b; a >> b; a | b; a & b; a ^ b
a + b * c; (a + b) * c; a * (b + c); a ** b ** c; (a ** b) ** c; -a ** -b; a + (b) + (c)
a + b - c * d / e % f // g; a | b ^ c & d << e + f * g ** h
-a; +a; ~a; not a; not not a; - - a; -+~a; not (a); -(a); (-a); -1; -1.5; -1j; (-1)
a and b; a and b and c; a or b or c; a and b or c and d; (a and b) and c; a and (b and c)
not a and b; not (a and b); a or not b
a < b; a <= b; a > b; a >= b; a == b; a != b; a is b; a is not b; a in b; a not in b
a < b < c; a < b == c in d not in e is not f; (a < b) < c; a < (b < c); not a in b
a if b else c; a if b else c if d else e; (a if b else c) if d else e; a if (b if c else d) else e
(a) if (b) else (c)
lambda: a; lambda a: b; lambda a, b=1, *c, d, e=2, **f: g; lambda a, /, b: c; lambda *, a: b
lambda *a: b; lambda **a: b; lambda: (yield); lambda a=lambda b: c: d; lambda: lambda: a; (lambda: a)()
[a for a in b]; [a for a in b if c]; [a for a in b if c if d for e in f]; [(a, b) for a, b in c]
[a for a, in b]; [a for (a) in (b)];
{a for a in b}; {a: b for a, b in c}; {(a): (b) for a in b}; (a for a in b); ((a) for a in (b))
[[a for a in b] for b in c]; [a for a in [b for b in c]]; (a for a in b if (c))
(a := b); [a := b, c]; {a := b}; (a := (b)); (a := b, c); ((a := b)); (a := (b := c)); (a := ((b)))
[a := b for c in d]; (a := ( # comment )
    b))
async def f():
    await a; await a.b(c); await (a); -await a; await a ** 2; (await a) + b
    [a async for a in b]; {a async for a in b if await c}; (a async for a in b)
    {a: b async for a in b}; [await a for a in b]
    return [x async for x in y], await z
def g():
    (yield); (yield a); a((yield)); [(yield a, b)]; (yield *a, b); (yield from a); x = yield (a)
*a, b
*a,
*(a), b
print(*a, *b)
print(a if b else c, *d if e else f)
print((yield_), *(a), **(b))
(a
 .b
 .c)
(a +
 b)
a = (
    # before
    b
    # after
)
a[
    b
]
match = case = type = _ = 1
match.a
match[a]
match(a)
print(match); match, case
case(a)
type(a)
type.a
type[a]
type = a
match * a; match - a; (match)
print(a, type=b, match=c, case=d)

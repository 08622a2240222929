with (
    a() as b,
    c(),
    (d := e()),
): pass
f(x for x in y)
lambda *a, **k: (a, k)
print(*(x for x in y), sep="")

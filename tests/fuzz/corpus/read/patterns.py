match a:
    case 0: pass
    case -1: pass
    case 1.5 | -2.5: pass
    case 1 + 2j: pass
    case -1 - 2j: pass
    case "a": pass
    case "a" "b": pass
    case b"a": pass
    case None: pass
    case True | False | None: pass
    case b: pass
match a, b:
    case _: pass
match a, (b):
    case _: pass
match (a), b, :
    case _: pass
match a,:
    case _: pass
match (a),:
    case _: pass
match (a, b):
    case _: pass
match (a):
    case _: pass
match *a, b:
    case _: pass
match a := b:
    case _: pass
match (a := b), c:
    case _: pass
match -a:
    case _: pass
match [a, b]:
    case _: pass
match {a: b}:
    case _: pass
match not a:
    case _: pass
match a:
    case b.c: pass
    case b.c.d: pass
    case (b): pass
    case (b.c): pass
    case b | c: pass
    case (b | c): pass
    case (0 | 1) as b: pass
    case 0 | 1 as b: pass
    case [b, 0] | [0, b]: pass
    case b as c: pass
    case []: pass
    case (): pass
    case [b]: pass
    case (b,): pass
    case [b, *c]: pass
    case (b, *_, c): pass
    case b, c: pass
    case b,: pass
    case *b, c: pass
    case *b,: pass
    case [[b, c], *_]: pass
    case {}: pass
    case {"a": b}: pass
    case {"a": 0, b.c: d, -1: e, None: f, **g}: pass
    case {**b}: pass
    case {"a": {"b": [c, *d]}}: pass
    case B(): pass
    case B(c): pass
    case B(c, d=e): pass
    case B(d=0, e=_): pass
    case b.C(D(e), f=G(),): pass
    case b if c: pass
    case b if (c): pass
    case _ if b > c: pass
    case (b, c) if d: pass
    case str(b) | int(b): pass
    case [B(c), {"d": E(f=g)}] as h if i:
        match j:
            case k:
                return_ = 1
    case _:
        pass

t''
t'a'
t'{a}'
t'a{b!r:>{c}}d'
T"{a["b"]}"
rt'\d{a}'
t'{a}' t'{b}'
t'{a=}'
x = t"""
SELECT {a}
FROM {b}
"""

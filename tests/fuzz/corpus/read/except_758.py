try:
    a
except A, B:
    b
except C, D, E:
    c
try:
    a
except* A, B:
    b

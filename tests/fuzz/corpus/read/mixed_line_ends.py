a = 1
b = '''c
d
ef'''
if g:
    h    i
# j
k
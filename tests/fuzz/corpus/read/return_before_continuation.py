b = '''c\

d
ef\r
\x0d
'''

if g:
    h\
    i

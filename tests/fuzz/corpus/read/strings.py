''; ""; 'a'; "a"; '''a'''; """a
b"""; '"'; "'"; '\''; "\""; '''a'b''c'''; """a"b""c"""; ''''a'''; """a\""""; '\
continued'
'\\\'\"\a\b\f\n\r\t\v\0\7\12\123\1234\400\x41\u00e4\U0001F600\N{LATIN SMALL LETTER A}\N{EM DASH}\q\8'
'\ud800'; '\udfff\ud83d\ude00'; '\x00'; '\U0010ffff'
r'a\n'; R"\'"; r'''\''''; u'a'; U"a"; r'\\'; r'\
'
b'a'; B"a"; b'\x00\xff\n\q\400\777\8'; br'\n'; Rb'\x'; BR"a"; rB'''a
b'''; b'\u0041\N{a}'
'a' 'b'; 'a' "b" '''c'''; u'a' 'b'; 'a' u'b'; r'\a' '\a'; b'a' b'b'; b'a' rb'\b'
('a'
 'b'  # comment
 "c")
'ä' 'ö' "日本語 😀"
('a' 'b').c; 'a' 'b'.c; 'a' 'b'[0]; 'a' % b; 'a' 'b' % c; x = 'a' \
    'b'
f''; f'a'; f"{a}"; f'{a}{b}'; f'a{b}c{d}e'; f'{{}}'; f'{{{a}}}'; f'{{a}}{b}'; F'{a}'; fr'{a}\d'; rF'\{a}'
f'{a.b[c](d)}'; f'{a["b"]}'; f"{a['b']}"; f'{a + b}'; f'{ a }'; f'{a:b}'; f'{a!r}'; f'{a!s:>10}'; f'{a!a}'
f'{a:{b}}'; f'{a:{b}.{c}}'; f'{a:>{b}}'; f'{a!r:{b}}'; f'{a:%Y-%m-%d}'; f'{a:{b!r}}'; f'{a:{b:c}}'
f'{a=}'; f'{a =}'; f'{a= }'; f'{ a = }'; f'{a=!s}'; f'{a=:b}'; f'{a=!r:b}'; f'{a + b=}'; f'{a.b=}{c=}'
f'{a!=b}'; f'{a==b}'; f'{a<=b}'; f'{a>=b}'; f'{a<b}'; f'{(a:=b)}'; f'{(lambda: a)()}'; f'{(lambda a: b):c}'
f'{a,b}'; f'{ a, b }'; f'{a,}'; f'{(a, b)}'; f'{a if b else c}'; f'{not a}'; f'{*a, b}'; f'{[a for a in b]}'
f'{ {a: b} }'; f'{ {a} }'; f'{ {a for a in b} }'; f'{ {a: b}[c] }'; f'{yield_}'; f'{[a, b]}'; f'{a:{b}{c}d}'
f'{"a"}'; f'{"a" "b"}'; f'{f"{a}"}'; f'{f"a{b}c"!r}'; f"{'a' if b else 'c'}"; f'{"{a}"}'; f'{"a:b"}'; f'{"!="}'
f'a' 'b'; 'a' f'b'; f'a' f'b'; 'a' f'{b}' 'c'; f'{a}' f'{b}' "c{d}"; 'a{b}' f'{c}'; '{' f'{a}' '}'
f'\n\x41\u00e4\N{EM DASH}{a}\t'; f'\{a}'; f'\\{a}'; f'{a}\
{b}'
f'''a
{b}
c'''; f"""{
a
}"""; f'''{a
+ b}'''; f'''{a:
}'''; f"""a"b"{c}"d" """; f'''{a['b']}{a["c"]}'''
(f'{a}'
 'b'  # comment with ' quote
 f"{c:{d}}")
f'ä{b}ö'; f'日{a["本"]}語'; f'{a}😀{b}'
def f():
    """Docstring.

    With "quotes" and \\ backslash.
    """
    return f'{yield_}'

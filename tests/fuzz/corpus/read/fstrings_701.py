f"{a["b"]}"
f"{"a"}"
f"{f"{f"{a}"}"}"
f"{'\n'.join(a)}"
f"{a:{b:{c}}}"
f"""{
    a  # a comment with }
}"""
f"{
    a
}"
f'{a:\n}'
f'{a:\x41{b}}'
f"{'"'}" "b"
f'{a!r}' f"{b["c"]}"
f'{a = }' f"{b = !s:>{c}}"
f"{x:{"a"}}"
f"{a['''
''']}"

a = f'''b
{c}
{d:
e}\r
{
f
}'''
g = f'''\x0d
{h}'''

größe = 1
ｗｉｄｔｈ = 2
µ = 3
名前.属性(キー=1)
def überprüfen(ß): ...
class Ä: ...
import ö.ü as ï

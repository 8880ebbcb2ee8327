"""Write a text file as a C string: embed.py INPUT OUTPUT NAME."""

import sys

source, target, name = sys.argv[1:]
with open(source, encoding="ascii") as text, open(target, "w", encoding="ascii") as code:
    code.write(f"extern const char {name}[];\nconst char {name}[] =\n")
    for line in text:
        escaped = line.rstrip("\n").replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
        code.write(f'\t"{escaped}\\n"\n')
    code.write("\t;\n")

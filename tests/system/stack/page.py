"""The files that docs/postfix-dovecot.md shows: what people copy is what is tested."""

import re


def files_of(page):
    """{path: content} of a page: each fenced block belongs to the path that was named last before it."""
    found, path, block = {}, None, None
    for line in page.read_text().split("\n"):
        if line.startswith("```"):
            if block is not None:
                assert path not in found, f"{page} shows {path} twice"
                found[path] = "\n".join(block) + "\n"
            block = [] if block is None else None
        elif block is not None:
            block.append(line)
        else:
            path = (re.findall(r"`(/[^`]+)`", line) or [path])[-1]
    return found

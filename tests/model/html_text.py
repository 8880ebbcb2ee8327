"""The visible text of HTML, its links included (tokenizer.md 3)."""

import html.entities
import re

_LINK_ATTRIBUTES = {
    b"a": b"href", b"img": b"src", b"input": b"src", b"iframe": b"src",
    b"frame": b"src", b"script": b"src", b"form": b"action", b"embed": b"src",
    b"area": b"href", b"base": b"href", b"link": b"href", b"source": b"src",
    b"body": b"background", b"blockquote": b"cite", b"q": b"cite",
    b"ins": b"cite", b"del": b"cite",
}
_LINK_VALUE = re.compile(rb"\s*=\s*(?P<quote>[\"']?)(?=(?:https?|ftp):)",
                         re.IGNORECASE)
_LINK_REACH = 50
_NEW_LINE_TAGS = frozenset((b"p", b"tr", b"option", b"br", b"li", b"div",
                            b"/select", b"/table"))
_REGIONS = frozenset((b"applet", b"embed", b"frameset", b"frame", b"iframe",
                      b"noembed", b"noscript", b"object", b"script",
                      b"style"))
_REGIONS_ONLY_WHEN_BARE = frozenset((b"script", b"frame", b"iframe",
                                     b"embed"))
_REGION_ENDS = {name: re.compile(rb"</" + name + rb"[^<>]*>?", re.IGNORECASE)
                for name in _REGIONS}

_SPACE = b" \t\n\v\f\r"
_TAG_OPENING = re.compile(rb"<(?=[A-Za-z/!])")
_TAG_NAME = re.compile(rb"/?[^\s/<>]*")
_TAG_END = re.compile(rb"[<>]")
_NEXT_CELL = re.compile(rb"\s*<td(?=[\s/<>])", re.IGNORECASE)
_PLAIN_TEXT = re.compile(rb"[^<&]+")
_TWO_DIGIT_ENTITY = re.compile(rb"&#0*([0-9]{2});")
_OTHER_NUMERIC_ENTITY = re.compile(rb"&#[^;\s]*;?")
_NAMED_ENTITY = re.compile(rb"&([A-Za-z][A-Za-z0-9]*);")


def _entity_table():
    """Lower case name -> replacement; the first name in code order wins."""
    table = {}
    names = html.entities.name2codepoint
    for name in sorted(names, key=lambda name: (names[name], name)):
        code = 32 if name == "nbsp" else names[name]
        replacement = bytes((code,)) if code <= 255 else b""
        table.setdefault(name.lower().encode("ascii"), replacement)
    return table


_ENTITIES = _entity_table()


class _HtmlStripper:
    """The single pass over the bytes of a text/html body."""

    def __init__(self, text):
        self.text = text
        self.position = 0
        self.output = bytearray()
        self.swallow_space = False

    def run(self):
        """Return the visible text."""
        text = self.text
        while self.position < len(text):
            byte = text[self.position]
            if byte == 0x3C:
                if _TAG_OPENING.match(text, self.position):
                    self.tag()
                else:
                    self.literal_less_than()
            elif byte == 0x26:
                self.ampersand()
            else:
                run = _PLAIN_TEXT.match(text, self.position)
                self.position = run.end()
                self.write_text(run.group())
        return bytes(self.output)

    def write_text(self, text):
        """Copy text, without its first white space after an entity."""
        if self.swallow_space:
            text = text.lstrip(_SPACE)
        if text:
            self.output += text
            self.swallow_space = False

    def write_new_line(self):
        """LF, unless the output is at the start of a line already."""
        if self.output and self.output[-1] not in b"\r\n":
            self.output += b"\n"

    def literal_less_than(self):
        """A < that opens no tag: copied up to the next <, which is lost."""
        end = self.text.find(b"<", self.position + 1)
        if end < 0:
            self.output += self.text[self.position:]
            self.position = len(self.text)
        else:
            self.output += self.text[self.position:end]
            self.position = end + 1
        self.swallow_space = False

    def ampersand(self):
        """An entity, or an & that is just text."""
        text, start = self.text, self.position
        if text.startswith(b"&#", start):
            match = _TWO_DIGIT_ENTITY.match(text, start)
            if match:
                code = int(match.group(1))
                if code >= 32:
                    self.output.append(code)
            else:
                match = _OTHER_NUMERIC_ENTITY.match(text, start)
        else:
            match = _NAMED_ENTITY.match(text, start)
            replacement = match and _ENTITIES.get(match.group(1).lower())
            if replacement is None:
                self.position += 1
                self.write_text(b"&")
                return
            self.output += replacement
        self.position = match.end()
        self.swallow_space = True

    def tag(self):
        """A tag: nothing is copied, but some tags have an effect."""
        text = self.text
        named = _TAG_NAME.match(text, self.position + 1)
        name = named.group().lower()
        end = _TAG_END.search(text, self.position + 1)
        if end is None:
            inside_end = self.position = len(text)
        else:
            inside_end = end.start()
            self.position = end.end() if end.group() == b">" else inside_end
        inside = text[named.end():inside_end]

        if name in _LINK_ATTRIBUTES:
            self.link(_LINK_ATTRIBUTES[name], inside)
        if name in _NEW_LINE_TAGS:
            self.write_new_line()
        if name in _REGIONS:
            is_link_only = (name in _REGIONS_ONLY_WHEN_BARE
                            and inside[:1] in (b" ", b"\t", b"\n", b"\v",
                                               b"\f", b"\r"))
            if not is_link_only:
                self.skip_region(name)
        if name == b"/td" and _NEXT_CELL.match(text, self.position):
            self.output += b" "
            self.swallow_space = True

    def link(self, attribute, inside):
        """Write the URL of a link attribute, if it has one."""
        start = inside.lower().find(attribute)
        match = _LINK_VALUE.match(inside, start + len(attribute))
        if not 0 <= start < _LINK_REACH or match is None:
            return
        url = inside[match.end():]
        quote = match.group("quote")
        if quote:
            url = url.partition(quote)[0]
        self.output += b" " + url + b" "

    def skip_region(self, name):
        """Drop everything up to the closing tag."""
        end = _REGION_ENDS[name].search(self.text, self.position)
        self.position = end.end() if end else len(self.text)


def strip_html(text):
    """The visible text of an HTML body, links included."""
    return _HtmlStripper(text).run()

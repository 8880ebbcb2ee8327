"""Reading a message: cut into a flat list of parts (tokenizer.md 2.1)."""

import re


class Header:
    """One header line of a part, with its folded lines.

    ``value`` has the leading blanks removed and keeps its folded line breaks
    with the white space that follows them.
    """

    __slots__ = ("name", "value")

    def __init__(self, name, value):
        self.name = name
        self.value = value

    def is_named(self, name):
        """True when the header has this name, whatever the case."""
        return self.name.lower() == name


class Part:
    """A part of a message: headers, undecoded body and what MIME says."""

    def __init__(self, index):
        self.index = index
        self.headers = []
        self.body = b""
        self.main_type = "text"
        self.subtype = "plain"
        self.encoding = "unknown"
        self.disposition = "unknown"

    @property
    def is_signed(self):
        """True for multipart/signed."""
        return (self.main_type, self.subtype) == ("multipart", "signed")

    @property
    def is_html(self):
        """True for text/html."""
        return (self.main_type, self.subtype) == ("text", "html")

    @property
    def contributes_body(self):
        """True when the body of this part belongs to the body text (2.4)."""
        if not self.headers:
            return False
        if self.main_type == "multipart":
            return self.index == 0
        return self.main_type in ("text", "message")

    @property
    def is_decodable(self):
        """True when the body is encoded and is not that of an attachment."""
        return (self.encoding in ("base64", "quoted-printable")
                and self.disposition != "attachment")


_MAIN_TYPES = (b"text", b"application", b"message", b"multipart")
_SUBTYPES = (b"text/plain", b"text/html", b"multipart/signed",
             b"message/rfc822")
_ENCODINGS = (b"7bit", b"8bit", b"quoted-printable", b"base64", b"binary")
_DISPOSITIONS = (b"inline", b"attachment")

_BOUNDARY_PARAMETER = re.compile(rb'boundary[^=]*=[ ";\t\n]*([^ ";\t\n]+)', re.IGNORECASE)
_BOUNDARY_LIMIT = 127


def _first_prefix(value, candidates, otherwise):
    """The first candidate the value begins with (any case), as text."""
    lowered = value[:64].lower()
    for candidate in candidates:
        if lowered.startswith(candidate):
            return candidate.decode("ascii")
    return otherwise


def _find_boundary(text):
    """The boundary parameter in a header value or line, or None."""
    match = _BOUNDARY_PARAMETER.search(text)
    return match.group(1)[:_BOUNDARY_LIMIT] if match else None


def _apply_mime_header(part, header, boundaries):
    """Take over what a complete header says about its part."""
    value = header.value
    if header.is_named(b"content-type"):
        part.main_type = _first_prefix(value, _MAIN_TYPES, "other")
        subtype = _first_prefix(value, _SUBTYPES, "/other")
        part.subtype = subtype.partition("/")[2]
        if part.main_type == "multipart":
            boundary = _find_boundary(value)
            if boundary:
                boundaries.append(boundary)
    elif header.is_named(b"content-transfer-encoding"):
        part.encoding = _first_prefix(value, _ENCODINGS, "other")
    elif header.is_named(b"content-disposition"):
        part.disposition = _first_prefix(value, _DISPOSITIONS, "other")


class _Parser:
    """State of the line by line parser behind ``parse``."""

    def __init__(self):
        self.parts = []
        self.boundaries = []
        self.body_lines = []
        self.begin_part()

    def begin_part(self):
        """Start the next part, in header state."""
        self.part = Part(len(self.parts))
        self.parts.append(self.part)
        self.header = None
        self.in_headers = True
        self.in_body_content_type = False
        self.body_lines = []

    def end_header(self):
        """The current header is complete: see what it means."""
        if self.header is not None:
            _apply_mime_header(self.part, self.header, self.boundaries)
            self.header = None

    def end_part(self):
        """The current part is complete."""
        self.end_header()
        self.part.body = b"".join(self.body_lines)

    def is_boundary(self, line):
        """True when the line begins with -- and any boundary seen so far."""
        return (line.startswith(b"--")
                and any(line.startswith(boundary, 2)
                        for boundary in self.boundaries))

    def header_line(self, line):
        """A line in header state; ``line`` is without its LF."""
        if line == b"" or line.startswith(b"\r"):
            self.end_header()
            self.in_headers = False
        elif line[0] in b" \t" and self.header is not None:
            self.header.value += b"\n" + line
        else:
            self.end_header()
            name, _, value = line.partition(b":")
            self.header = Header(name, value.lstrip(b" \t"))
            self.part.headers.append(self.header)

    def body_line(self, line):
        """A line of a body, with its LF."""
        self.body_lines.append(line)
        if line[:12].lower() == b"content-type":
            self.in_body_content_type = True
        elif line[:1] not in (b" ", b"\t"):
            self.in_body_content_type = False
        if self.in_body_content_type:
            boundary = _find_boundary(line)
            if boundary:
                self.boundaries.append(boundary)

    def feed(self, line):
        """The next line of the message, with its LF."""
        if line.startswith(b"--"):
            self.end_header()
            if self.is_boundary(line):
                self.end_part()
                self.begin_part()
                return
        if self.in_headers:
            self.header_line(line[:-1] if line.endswith(b"\n") else line)
        else:
            self.body_line(line)


def parse(message):
    """Cut a message into its flat list of parts."""
    parser = _Parser()
    for line in message.split(b"\n"):
        parser.feed(line + b"\n")
    parser.end_part()
    # The split leaves an empty piece behind the last LF (and invents a LF
    # when the message does not end with one); take that LF away again.
    last = parser.part
    if last.body.endswith(b"\n"):
        last.body = last.body[:-1]
    return parser.parts

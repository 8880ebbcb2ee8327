#!/usr/bin/python3
"""Reference model of the DSPAM 3.10 tokenizer and statistics.

An independent, deliberately simple reading of the behaviour documents.  The C
engine is compared with this model token by token; where the two differ, one
of them (or the document) is wrong.

The model works in three steps:

* ``parse`` cuts a message into a flat list of parts,
* ``flatten`` turns the parts into a header text and a body text,
* ``tokenize`` turns those two texts into tokens, in iteration order.

The statistics (token values, selection, combination, decision) follow in the
second half of the file, the command line at the end.  Section numbers in
comments are those of the behaviour documents tokenizer.md and statistics.md.

Everything is ``bytes``; no character set is ever interpreted.

Usage (all options: ``--help`` of each command):

    dspam_model.py tokens --tokenizer osb --signature-location headers FILE...
    dspam_model.py tokens --digest --files-from LIST
    dspam_model.py flatten FILE
    dspam_model.py replay --index FILE --pvalue bcr --algorithm "graham burton"
"""

import argparse
import ctypes
import hashlib
import html.entities
import math
import os
import re
import sys
from collections import namedtuple

TOKENIZERS = ("word", "chain", "sbph", "osb")
SIGNATURE_LOCATIONS = ("message", "headers")


# --------------------------------------------------------------------------
# Token ids (tokenizer.md 4)
# --------------------------------------------------------------------------

_MASK64 = (1 << 64) - 1


def _crc_entry(byte):
    """One entry of the CRC table: eight single bit steps."""
    value = byte
    for _ in range(8):
        value = (value >> 1) ^ 0xD800000000000000 if value & 1 else value >> 1
    return value


CRC_TABLE = tuple(_crc_entry(byte) for byte in range(256))


def token_id_bytewise(text):
    """The id of a token, exactly as the definition says: byte by byte."""
    crc = 0
    for byte in text:
        crc = (crc >> 8) ^ CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc


# The polynomial is x^64 + x^4 + x^3 + x + 1, so eight bytes can be taken at
# once: multiplying by x^64 is multiplying by x^4 + x^3 + x + 1, which are
# right shifts in this reflected form.  The up to four bits which the shifts
# push out at the low end are reduced once more, from this table.

def _overflow_entry(low_bits):
    """What the bits shifted out of a word with these low bits add to it."""
    value = 0
    for shift in (1, 3, 4):
        out = (low_bits & ((1 << shift) - 1)) << (64 - shift)
        for back in (0, 1, 3, 4):
            value ^= out >> back
    return value


_OVERFLOW = tuple(_overflow_entry(low_bits) for low_bits in range(16))


def token_id(text):
    """The 64 bit id of a token (same result as token_id_bytewise, faster)."""
    crc = 0
    full = len(text) & ~7
    for start in range(0, full, 8):
        crc ^= int.from_bytes(text[start:start + 8], "little")
        crc = crc ^ crc >> 1 ^ crc >> 3 ^ crc >> 4 ^ _OVERFLOW[crc & 15]
    rest = len(text) - full
    if rest:
        bits = 8 * rest
        crc ^= int.from_bytes(text[full:], "little")
        low = crc << (64 - bits) & _MASK64
        low = low ^ low >> 1 ^ low >> 3 ^ low >> 4 ^ _OVERFLOW[low & 15]
        crc = crc >> bits ^ low
    return crc


# --------------------------------------------------------------------------
# Parsing into parts (tokenizer.md 2.1)
# --------------------------------------------------------------------------

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


# --------------------------------------------------------------------------
# Decoding (tokenizer.md 2.2, 2.4)
# --------------------------------------------------------------------------

_HEX_ESCAPE = re.compile(rb"=(\r?\n|[0-9A-Fa-f]{2})")
_PERCENT_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
_BASE64_ALPHABET = (b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                    b"0123456789+/")
_BASE64_VALUES = {byte: value for value, byte in enumerate(_BASE64_ALPHABET)}
_NOT_BASE64 = bytes(set(range(256)) - set(_BASE64_ALPHABET))


def _cut_at_nul(text):
    """What is left of a text that is handled as a C string."""
    return text.partition(b"\0")[0]


def decode_quoted_printable(text):
    """Soft line ends vanish, =HH is decoded, any other = stays."""
    def replacement(match):
        escape = match.group(1)
        return b"" if escape.endswith(b"\n") else bytes.fromhex(
            escape.decode("ascii"))
    return _cut_at_nul(_HEX_ESCAPE.sub(replacement, text))


def decode_base64(text):
    """Decode up to the first =, with a LF at the end.

    Foreign bytes are skipped.  A last group that is not complete counts only
    when a = follows it.
    """
    before, padding, _ = text.partition(b"=")
    digits = before.translate(None, _NOT_BASE64)
    left_over = len(digits) % 4
    decoded = bytearray()
    for start in range(0, len(digits) - left_over, 4):
        group = 0
        for digit in digits[start:start + 4]:
            group = group << 6 | _BASE64_VALUES[digit]
        decoded += group.to_bytes(3, "big")
    if padding and left_over > 1:
        group = 0
        for digit in digits[-left_over:]:
            group = group << 6 | _BASE64_VALUES[digit]
        group >>= 6 * left_over % 8
        decoded += group.to_bytes(left_over - 1, "big")
    result = _cut_at_nul(bytes(decoded))
    return result if result.endswith(b"\n") else result + b"\n"


def decode_percent(text):
    """Replace every %HH by its byte."""
    if b"%" not in text:
        return text
    return _cut_at_nul(_PERCENT_ESCAPE.sub(
        lambda match: bytes.fromhex(match.group(1).decode("ascii")), text))


def decode_body(text, encoding):
    """Decode a body that is base64 or quoted-printable."""
    return decode_base64(text) if encoding == "base64" else (
        decode_quoted_printable(text))


_FOLDING = re.compile(rb"\n[ \t]+")
_ENCODED_WORD = re.compile(rb"=\?[^?]*\?([bBqQ])\?([^?]*)")


def decode_header_value(value):
    """A header value with its first encoded word decoded (2.2).

    Whatever follows the first encoded word is lost.  Without an encoded word
    the value stays as it is, with its folded lines.
    """
    if b"=?" not in value:
        return value
    joined = _FOLDING.sub(b"", value)
    match = _ENCODED_WORD.search(joined)
    if match is None:
        return value
    letter, payload = match.groups()
    if letter in b"bB":
        decoded = decode_base64(payload)
    else:
        decoded = decode_quoted_printable(payload)
    return joined[:match.start()] + decoded


# --------------------------------------------------------------------------
# HTML stripping (tokenizer.md 3)
# --------------------------------------------------------------------------

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


# --------------------------------------------------------------------------
# Flattening (tokenizer.md 2.3, 2.4)
# --------------------------------------------------------------------------

_HEADER_LINE_LIMIT = 1023
_EMBEDDED_SIGNATURE = re.compile(
    rb"!DSPAM: *[A-Za-z0-9, ]{1,127}[^A-Za-z0-9, ]?")


def _remove_embedded_signature(text):
    """Cut the first !DSPAM:...! out of a text."""
    return _EMBEDDED_SIGNATURE.sub(b"", text, count=1)


def _search_and_decode(parts, inbound):
    """What the signature search does to the parts of a message.

    With signatureLocation=message it decodes the parts in place and removes
    the signature from inbound mail, until a multipart/signed part is met.
    """
    for part in parts:
        if part.is_signed:
            return
        if not part.contributes_body:
            continue
        if part.is_decodable:
            part.body = decode_body(part.body, part.encoding)
            part.encoding = "8bit"
            for header in part.headers:
                if header.is_named(b"content-transfer-encoding"):
                    header.value = b"8bit"
        if inbound:
            part.body = _remove_embedded_signature(part.body)


def _header_text(parts):
    """All headers of all parts."""
    lines = []
    for part in parts:
        for header in part.headers:
            line = (header.name + b": " + decode_header_value(header.value)
                    + b"\n")
            lines.append(line[:_HEADER_LINE_LIMIT])
    return b"".join(lines)


def _body_of(part):
    """The contribution of one part to the body text."""
    body = part.body
    if part.is_decodable:
        body = decode_body(body, part.encoding)
    if part.encoding == "8bit":
        body = decode_percent(body)
    if part.is_html:
        body = strip_html(body)
    return body


def flatten(message, signature_location="message", inbound=True):
    """The header text and the body text of a message.

    ``inbound`` is False for training with a class: an embedded signature is
    not cut out then.
    """
    parts = parse(message)
    if signature_location == "message":
        _search_and_decode(parts, inbound)
    header_text = _header_text(parts)
    body_text = b"".join(_body_of(part) for part in parts
                         if part.contributes_body)
    return header_text or b" ", body_text or b" "


# --------------------------------------------------------------------------
# Tokens (tokenizer.md 5 to 10)
# --------------------------------------------------------------------------

Token = namedtuple("Token", "id text frequency")
TokenList = namedtuple("TokenList", "tokens whitelist_id")

BUCKETS = 24593
_TOKEN_LIMIT = 255
_HEADING_LIMIT = 127
_WORD_LIMIT = 49
_WINDOW = 5


def _splitter(delimiters):
    """A function that cuts a text into the pieces between delimiters."""
    return re.compile(b"[^" + re.escape(delimiters) + b"]+").findall


_split_word_body = _splitter(b" .,;:\n\t\r@-+*")
_split_word_header = _splitter(b" ,;:\n\t\r@-+*")
_split_sparse_body = _splitter(b" .,;:\"/\\[]}{=+_()<>|&\n\t\r@-*~`?#$%^")
_split_sparse_header = _splitter(b" ,;:\"/\\[]}{=+()<>|&\n\t\r@*~`?#$%^")

_URL_PATTERNS = [
    (len(key), re.compile(re.escape(key), re.IGNORECASE))
    for key in (b"http://", b"www.", b"href=")
]
_URL_STRETCH = re.compile(rb"[\x21-\x3D\x3F-\x7F]*")
_QUOTE = re.compile(rb"[\"']")


def _trim_exclamation(piece):
    """Drop the last byte while the one before it is an exclamation mark."""
    end = len(piece)
    while end >= 2 and piece[end - 2] == 0x21:
        end -= 1
    return piece[:end]


def _usable(pieces):
    """The pieces that are not too long."""
    return [piece for piece in pieces if len(piece) <= _WORD_LIMIT]


class _Counter:
    """Tokens and how often each occurred, in order of first occurrence."""

    def __init__(self):
        self.frequencies = {}
        self.whitelist_text = None

    def add(self, text):
        """One more occurrence of a token."""
        text = text[:_TOKEN_LIMIT]
        self.frequencies[text] = self.frequencies.get(text, 0) + 1
        return text


def _tokenize_chain(counter, prefix, pieces, with_pairs):
    """Tokens of the tokenizers word and chain."""
    previous = None
    for piece in pieces:
        piece = _trim_exclamation(piece)
        counter.add(prefix + piece)
        if with_pairs and previous is not None:
            counter.add(prefix + previous + b"+" + piece)
        previous = piece


def _join_sparse(prefix, words):
    """Join words with +, a left-out one (None) as #."""
    text = prefix + words[0]
    for word in words[1:]:
        addition = b"+" + (b"#" if word is None else word)
        if len(text) + len(addition) <= _TOKEN_LIMIT:
            text += addition
    return text


def _tokenize_sparse(counter, prefix, words, masks_by_length):
    """Tokens of the tokenizers sbph and osb.

    ``masks_by_length[n]`` lists the subsets of n following words as tuples
    of booleans, in the order of their tokens.
    """
    for start in range(len(words)):
        following = words[start + 1:start + _WINDOW]
        for mask in masks_by_length[len(following)]:
            counter.add(_join_sparse(prefix, [words[start]] + [
                word if taken else None
                for word, taken in zip(following, mask)]))


def _sbph_masks(count):
    """All subsets of ``count`` words, without trailing left-outs."""
    masks = []
    for bits in range(1 << count):
        mask = tuple(bool(bits >> place & 1)
                     for place in range(bits.bit_length()))
        masks.append(mask)
    return masks


def _osb_masks(count):
    """The subsets with exactly one word."""
    return [(False,) * place + (True,) for place in range(count)]


_SPARSE_MASKS = {
    "sbph": [_sbph_masks(count) for count in range(_WINDOW)],
    "osb": [_osb_masks(count) for count in range(_WINDOW)],
}


class _Tokenizer:
    """One run over a message."""

    def __init__(self, tokenizer, ignore_headers, whitelist):
        self.counter = _Counter()
        self.kind = tokenizer
        self.ignored = frozenset(name.lower() for name in ignore_headers)
        self.whitelist = whitelist
        if tokenizer in ("word", "chain"):
            self.split_header = _split_word_header
            self.split_body = _split_word_body
        else:
            self.split_header = _split_sparse_header
            self.split_body = _split_sparse_body

    def pieces(self, prefix, pieces):
        """Tokens from the pieces of a header line or of the body."""
        pieces = _usable(pieces)
        if self.kind in ("word", "chain"):
            _tokenize_chain(self.counter, prefix, pieces,
                            self.kind == "chain")
        else:
            _tokenize_sparse(self.counter, prefix, pieces,
                             _SPARSE_MASKS[self.kind])

    def is_ignored(self, heading):
        """True when lines of this heading give no tokens."""
        return (heading.startswith(b"X-DSPAM-")
                or heading.lower() in self.ignored)

    def headers(self, header_text):
        """Tokens of the header text, line by line."""
        heading = b""
        ignored = False
        for line in header_text.split(b"\n"):
            if not line:
                continue
            before, _, after = line.partition(b":")
            if b" " not in before and not before.startswith(b"\t"):
                heading = before[:_HEADING_LIMIT]
                ignored = self.is_ignored(heading)
                content = after
            else:
                content = line = before
            if self.whitelist and heading == b"From":
                self.whitelist_token(line)
            if not ignored:
                self.pieces(heading + b"*", self.split_header(content))

    def whitelist_token(self, line):
        """The whole line is a token; the last one made is the whitelist's."""
        text = line[5:]
        if text.startswith(b" "):
            text = text[1:]
        self.counter.whitelist_text = self.counter.add(b"From*" + text)

    def urls(self, body_text):
        """Tokens of the URLs; returns the body text without them."""
        for key_length, key in _URL_PATTERNS:
            matches = list(key.finditer(body_text))
            if not matches:
                continue
            remaining = bytearray(body_text)
            done = 0
            for match in matches:
                start = match.start()
                if start < done:
                    continue
                stretch = _URL_STRETCH.match(body_text, start).group()
                quote = _QUOTE.search(stretch, key_length + 1)
                if quote:
                    stretch = stretch[:quote.start()]
                for piece in _split_word_body(stretch):
                    self.counter.add(b"Url*" + piece)
                done = start + len(stretch)
                remaining[start:done] = b" " * len(stretch)
            body_text = bytes(remaining)
        return body_text

    def body(self, body_text):
        """Tokens of the body text."""
        self.pieces(b"", self.split_body(body_text))


def tokenize(header_text, body_text, tokenizer="chain", url_context=True,
             ignore_headers=(), whitelist=True):
    """The tokens of a message in iteration order, and the whitelist id.

    Returns a TokenList of Token(id, text, frequency); ``whitelist_id`` is
    None when the message has no whitelist token.
    """
    run = _Tokenizer(tokenizer, ignore_headers, whitelist)
    if url_context:
        body_text = run.urls(body_text)
    run.headers(header_text)
    run.body(body_text)
    tokens = [Token(token_id(text), text, frequency)
              for text, frequency in run.counter.frequencies.items()]
    # The sort is stable: within a bucket the order of insertion stays.
    tokens.sort(key=lambda token: token.id % BUCKETS)
    whitelist_text = run.counter.whitelist_text
    return TokenList(tokens, None if whitelist_text is None
                     else token_id(whitelist_text))


# --------------------------------------------------------------------------
# Store (statistics.md 1, 6)
# --------------------------------------------------------------------------

class Store:
    """Totals and token hits of one user, in memory."""

    def __init__(self):
        self.spam_learned = 0
        self.innocent_learned = 0
        self.spam_misclassified = 0
        self.innocent_misclassified = 0
        self.spam_corpusfed = 0
        self.innocent_corpusfed = 0
        self.spam_classified = 0
        self.innocent_classified = 0
        self.hits = {}

    def hits_of(self, identifier):
        """(spam hits, innocent hits) of a token."""
        return self.hits.get(identifier, (0, 0))

    def learn_corpus(self, tokens, is_spam):
        """Learn a message with its class, source corpus, mode teft."""
        if is_spam:
            self.spam_learned += 1
            self.spam_corpusfed += 1
        else:
            self.innocent_learned += 1
            self.innocent_corpusfed += 1
        for identifier in {token.id for token in tokens}:
            spam, innocent = self.hits_of(identifier)
            if is_spam:
                spam += 1
            else:
                innocent += 1
            self.hits[identifier] = (spam, innocent)


# --------------------------------------------------------------------------
# Token values (statistics.md 2, 9)
# --------------------------------------------------------------------------

PVALUES = ("bcr", "robinson", "markov")
ALGORITHMS = ("graham", "burton", "robinson", "chi-square", "naive")

Settings = namedtuple(
    "Settings", "pvalue algorithms bias whitelist_threshold sedation mode",
    defaults=("bcr", ("graham", "burton"), True, 10, 0, "teft"))

_MINIMUM_HITS = 5
_MINIMUM_HITS_LIMIT_TUM = 20
_LEAST_VALUE = 0.0001
_GREATEST_VALUE = 0.9999
_MARKOV_WEIGHTS = {
    (complexity, sparseness): 4 ** (complexity - sparseness - 1)
    for complexity, most in ((1, 0), (2, 0), (3, 1), (4, 2), (5, 3))
    for sparseness in range(most + 1)
}
_LEFT_OUT = re.compile(rb"(?=\+#\+)")


def minimum_hits(store, settings):
    """How often a token must have been seen before its value counts."""
    hits = _MINIMUM_HITS
    factor = settings.sedation
    if factor > 0:
        innocent = store.innocent_learned + store.innocent_classified
        spam = store.spam_learned + store.spam_classified
        sedated = 0
        if innocent < 1000 and innocent < spam:
            sedated = 5 + factor // 2 + factor * ((spam - innocent) // 200)
        elif 1000 <= innocent < 2500 and spam > innocent:
            percentage = 100.0 * spam / (spam + innocent)
            sedated = int(5 + factor // 2 + factor * (percentage / 20))
        hits = max(hits, sedated)
    if settings.mode == "tum":
        hits = min(hits, _MINIMUM_HITS_LIMIT_TUM)
    return hits


def complexity(text):
    """The number of words of a token; left-out ones count."""
    words = 1
    previous = -2
    for place, byte in enumerate(text):
        if byte == 0x2B and place != previous + 1:
            words += 1
            previous = place
    return words


def sparseness(text):
    """The number of words left out of a token."""
    return (len(_LEFT_OUT.findall(text)) + text.startswith(b"#+")
            + text.endswith(b"+#"))


def markov_weight(text):
    """The weight of a token, from its number of words."""
    return _MARKOV_WEIGHTS.get((complexity(text), sparseness(text)), 1)


def _clamp(value):
    """Keep a token value away from 0 and 1."""
    return min(max(value, _LEAST_VALUE), _GREATEST_VALUE)


def _bcr_value(spam, innocent, store, factor, least_hits):
    """The value before Robinson's correction; ``factor`` is the bias."""
    spam_total = store.spam_learned
    innocent_total = store.innocent_learned
    both = spam_total > 0 and innocent_total > 0
    if spam + factor * innocent < least_hits:
        return 0.4
    value = 0.4
    if innocent == 0:
        if spam > 0:
            value = 0.99
            if both:
                ratio = spam / spam_total
                value = max(value, ratio / (ratio + factor / innocent_total))
    elif spam == 0:
        value = 0.01
        if both:
            ratio = 1 / spam_total
            value = min(value, ratio / (
                ratio + factor * innocent / innocent_total))
    elif both:
        ratio = spam / spam_total
        value = ratio / (ratio + factor * innocent / innocent_total)
    return _clamp(value)


def _markov_value(spam, innocent, text, bias):
    """The value of a token by its words; neutral without them."""
    if text is None or text.startswith((b"From*", b"bnr.")):
        return 0.5
    weight = markov_weight(text)
    if bias:
        innocent = 2 * innocent
        base = 0.49
    else:
        base = 0.5
    return _clamp(base + weight * (spam - innocent)
                  / (16 * (spam + innocent + 1) * 256))


class Valuer:
    """Token values for one state of a store."""

    def __init__(self, store, settings):
        self.store = store
        self.settings = settings
        self.factor = 2 if settings.bias else 1
        self.least_hits = minimum_hits(store, settings)

    def value(self, identifier, text):
        """The value of a token: 0 is innocent, 1 is spam."""
        spam, innocent = self.store.hits_of(identifier)
        if self.settings.pvalue == "markov":
            return _markov_value(spam, innocent, text, self.settings.bias)
        value = _bcr_value(spam, innocent, self.store, self.factor,
                           self.least_hits)
        if self.settings.pvalue == "robinson":
            hits = spam + innocent
            value = (0.1 * 0.5 + hits * value) / (0.1 + hits)
        return value


# --------------------------------------------------------------------------
# Choosing tokens (statistics.md 3)
# --------------------------------------------------------------------------

Valued = namedtuple("Valued", "token value hits")
Selected = namedtuple("Selected", "value delta frequency complexity token")


def single(number):
    """A number rounded to single precision."""
    return ctypes.c_float(number).value


def selection_size(algorithms):
    """How many tokens are kept, for this set of algorithms."""
    if "burton" in algorithms:
        return 27
    return 25 if "robinson" in algorithms else 15


def select(valued, size):
    """The most significant tokens, the most significant first.

    A new token's delta is in single precision while it is compared, those of
    the tokens in the list are in double precision.
    """
    chosen = []
    for token, value, _ in valued:
        delta = abs(0.5 - value)
        compared = single(delta)
        if len(chosen) == size and compared < chosen[-1].delta:
            continue
        words = complexity(token.text)
        rank = (compared, token.frequency, words)
        place = 0
        while place < len(chosen) and rank < chosen[place][1:4]:
            place += 1
        if place < size:
            chosen.insert(place, Selected(value, delta, token.frequency,
                                          words, token))
            del chosen[size:]
    return chosen


# --------------------------------------------------------------------------
# Combining (statistics.md 4)
# --------------------------------------------------------------------------

Robinson = namedtuple("Robinson", "value spamminess innocence used")
ChiSquare = namedtuple("ChiSquare", "value members")

_GRAHAM_SLOTS = 15
_BURTON_SLOTS = 27
_ROBINSON_SLOTS = 25


def _ratio(spam, innocent):
    """spam / (spam + innocent), not a number for 0 / 0."""
    return spam / (spam + innocent) if spam + innocent else math.nan


def graham_members(chosen):
    """The tokens that take part in Graham's combination."""
    return chosen[:_GRAHAM_SLOTS]


def graham(chosen):
    """Graham's combination, in single precision."""
    spam = innocent = 1.0
    for member in graham_members(chosen):
        spam = single(spam * member.value)
        innocent = single(innocent * (1 - member.value))
    total = single(spam + innocent)
    return single(spam / total) if total else math.nan


def burton_members(chosen):
    """The tokens of Burton's combination; a frequent one is there twice."""
    members = []
    for member in chosen:
        for _ in range(2 if member.frequency > 1 else 1):
            if len(members) < _BURTON_SLOTS:
                members.append(member)
    return members


def burton(chosen):
    """Burton's combination."""
    spam = innocent = 1.0
    for member in burton_members(chosen):
        spam *= member.value
        innocent *= 1 - member.value
    return _ratio(spam, innocent)


def robinson(chosen):
    """Robinson's geometric mean; a frequent token counts twice.

    The corrected values and the products are in single precision.
    """
    count = min(_ROBINSON_SLOTS, len(chosen))
    spam = innocent = 1.0
    used = 0
    for member in chosen:
        value = single((0.01 * 0.5 + count * member.value) / (0.01 + count))
        if 0.3 <= value <= 0.7:
            continue
        for _ in range(2 if member.frequency > 1 else 1):
            if used < _ROBINSON_SLOTS:
                innocent = single(innocent * (1 - value))
                spam = single(spam * value)
                used += 1
    if not used:
        return Robinson(0.0, 0.0, 0.0, 0)
    spamminess = 1 - innocent ** (1 / used)
    innocence = 1 - spam ** (1 / used)
    value = ((spamminess - innocence) / (spamminess + innocence) + 1) / 2
    return Robinson(value, spamminess, innocence, used)


def chi_square_probability(half_chi, half_freedom):
    """The chance of a chi-square value as large as 2 * half_chi, or larger.

    There are 2 * half_freedom degrees of freedom.  The terms are summed up
    by their logarithms, so that nothing underflows.
    """
    if half_chi <= 0:
        return 1.0
    log_chi = math.log(half_chi)
    logs = []
    log_term = -half_chi
    for index in range(half_freedom):
        if index:
            log_term += log_chi - math.log(index)
        logs.append(log_term)
    return min(1.0, math.fsum(math.exp(log) for log in logs))


def chi_square(valued, pvalue):
    """Fisher's combination over all tokens with a clear value."""
    members = []
    for token, value, hits in valued:
        if pvalue != "robinson":
            value = (0.1 * 0.5 + hits * value) / (0.1 + hits)
        if abs(0.5 - value) > 0.45:
            members.append((token, value))
    if not members:
        return ChiSquare(0.401, members)
    count = len(members)
    half_spam = -sum(math.log(1 - value) for _, value in members)
    half_innocent = -sum(math.log(value) for _, value in members)
    spam = 1 - chi_square_probability(half_spam, count)
    innocent = 1 - chi_square_probability(half_innocent, count)
    return ChiSquare((spam - innocent + 1) / 2, members)


def naive(valued):
    """Naive Bayes over all tokens, in log space.

    The original uses the value of one token for all of them; this is the
    correct computation, on purpose.
    """
    log_odds = math.fsum(math.log(1 - value) - math.log(value)
                         for _, value, _ in valued)
    if log_odds > 700:
        return 0.0
    return 1 / (1 + math.exp(log_odds))


# --------------------------------------------------------------------------
# Decision (statistics.md 5, 7)
# --------------------------------------------------------------------------

Verdict = namedtuple(
    "Verdict", "is_spam class_name probability confidence "
    "valued chosen graham burton robinson chi_square naive")

_THRESHOLDS = {"naive": 0.9, "graham": 0.9, "burton": 0.9, "robinson": 0.5,
               "chi-square": 0.5010}
_REPORTING_ORDER = ("naive", "graham", "burton", "robinson", "chi-square")


def _is_over(algorithm, result, pvalue):
    """True when the result of an algorithm means spam."""
    if pvalue == "markov":
        return result > 0.5
    return result >= _THRESHOLDS[algorithm]


def _reported(results, pvalue):
    """(is spam, probability) from the results of the enabled algorithms."""
    hits = {name for name, result in results.items()
            if _is_over(name, result, pvalue)}
    enabled = [name for name in _REPORTING_ORDER if name in results]
    if not hits:
        return False, results[enabled[0]] if enabled else -1.0
    strong = [name for name in ("naive", "graham", "burton") if name in hits]
    if strong:
        return True, results[strong[-1]]
    weak = [name for name in ("robinson", "chi-square") if name in hits]
    return True, results[weak[0]]


def is_whitelisted(store, whitelist_id, threshold):
    """True when the whitelist token has enough innocent hits."""
    if whitelist_id is None:
        return False
    spam, innocent = store.hits_of(whitelist_id)
    return innocent > threshold and spam <= innocent // 15


def classify(tokens, whitelist_id, store, settings):
    """The verdict about a message without a class; None without tokens."""
    if not tokens:
        return None
    valuer = Valuer(store, settings)
    valued = [Valued(token, valuer.value(token.id, token.text),
                     sum(store.hits_of(token.id))) for token in tokens]
    chosen = select(valued, selection_size(settings.algorithms))
    robinson_result = robinson(chosen)
    everything = {
        "graham": lambda: graham(chosen),
        "burton": lambda: burton(chosen),
        "robinson": lambda: robinson_result.value,
        "chi-square": lambda: chi_square(valued, settings.pvalue).value,
        "naive": lambda: naive(valued),
    }
    results = {name: everything[name]() for name in settings.algorithms}
    is_spam, probability = _reported(results, settings.pvalue)
    certainty = (probability if settings.pvalue == "markov"
                 else robinson_result.value)
    confidence = certainty if is_spam else 1 - certainty
    class_name = "Spam" if is_spam else "Innocent"
    if is_whitelisted(store, whitelist_id, settings.whitelist_threshold):
        is_spam, class_name = False, "Whitelisted"
    return Verdict(is_spam, class_name, probability, confidence, valued,
                   chosen, results.get("graham"), results.get("burton"),
                   robinson_result, results.get("chi-square"),
                   results.get("naive"))


# --------------------------------------------------------------------------
# Command line
# --------------------------------------------------------------------------

def _printable(text):
    """A token text with everything but plain ASCII as \\xHH."""
    return "".join(chr(byte) if 33 <= byte <= 126 and byte != 0x5C
                   else "\\x%02X" % byte for byte in text)


def _read(path):
    """The bytes of a file."""
    with open(path, "rb") as file:
        return file.read()


def _is_on(value):
    """The meaning of an on/off option."""
    return value == "on"


def _token_lines(tokens):
    """The lines of the tokens command for one message."""
    return "".join("%d %d %s\n" % (token.id, token.frequency,
                                   _printable(token.text))
                   for token in tokens)


def _command_tokens(options):
    """Print the digests of the two texts and the tokens of each file."""
    ignored = [os.fsencode(name) for name in options.ignore_header]
    paths = list(options.files)
    for list_path in options.files_from:
        with open(list_path, encoding="utf-8") as file:
            paths += file.read().splitlines()
    for path in paths:
        header_text, body_text = flatten(
            _read(path), options.signature_location, not options.training)
        tokens, _ = tokenize(header_text, body_text, options.tokenizer,
                             _is_on(options.url_context), ignored,
                             _is_on(options.whitelist))
        lines = _token_lines(tokens)
        summary = "%s %s %s" % (path, hashlib.sha1(header_text).hexdigest(),
                                hashlib.sha1(body_text).hexdigest())
        if options.digest:
            digest = hashlib.sha1(lines.encode("ascii")).hexdigest()
            print(summary, len(tokens), digest)
        else:
            print(summary)
            sys.stdout.write(lines)


def _command_flatten(options):
    """Write the header text and the body text of one message."""
    header_text, body_text = flatten(_read(options.file),
                                     options.signature_location,
                                     not options.training)
    out = sys.stdout.buffer
    out.write(b"--- header text, %d bytes\n" % len(header_text))
    out.write(header_text)
    out.write(b"\n--- body text, %d bytes\n" % len(body_text))
    out.write(body_text)
    out.write(b"\n--- end\n")


def _replay(options):
    """Classify, then learn every message of an index; yields the lines."""
    settings = Settings(pvalue=options.pvalue,
                        algorithms=tuple(options.algorithm.split()),
                        bias=_is_on(options.bias))
    ignored = [os.fsencode(name) for name in options.ignore_header]
    base = os.path.dirname(os.path.abspath(options.index))
    with open(options.index, encoding="utf-8") as file:
        entries = [line.split(None, 1) for line in file.read().splitlines()]
    last = None if options.limit is None else options.skip + options.limit
    store = Store()

    def tokens_of(message, inbound):
        texts = flatten(message, options.signature_location, inbound)
        return tokenize(*texts, options.tokenizer,
                        _is_on(options.url_context), ignored,
                        _is_on(options.whitelist))

    for number, (gold, path) in enumerate(entries[:last], 1):
        if number <= options.skip:
            continue
        message = _read(os.path.join(base, path))
        seen = tokens_of(message, True)
        verdict = classify(seen.tokens, seen.whitelist_id, store, settings)
        if verdict is None:
            yield "%d %s Innocent None -1.0000 0.00" % (number, gold)
            continue
        yield "%d %s %s %s %.4f %.2f" % (
            number, gold, "Spam" if verdict.is_spam else "Innocent",
            verdict.class_name, verdict.probability, verdict.confidence)
        learned = seen
        if b"!DSPAM:" in message:
            learned = tokens_of(message, False)
        store.learn_corpus(learned.tokens, gold == "spam")


def _command_replay(options):
    """Print the verdict about every message of an index."""
    for line in _replay(options):
        print(line)


def _algorithm_list(text):
    """Check the value of --algorithm."""
    unknown = set(text.split()) - set(ALGORITHMS)
    if unknown:
        raise argparse.ArgumentTypeError(
            "unknown algorithm %s" % " ".join(sorted(unknown)))
    return text


def _add_token_options(parser):
    """Options that decide about the tokens of a message."""
    switch = {"choices": ("on", "off")}
    parser.add_argument("--tokenizer", choices=TOKENIZERS, default="chain")
    parser.add_argument("--signature-location", choices=SIGNATURE_LOCATIONS,
                        default="message")
    parser.add_argument("--url-context", default="on", **switch)
    parser.add_argument("--whitelist", default="on", **switch)
    parser.add_argument("--ignore-header", action="append", default=[],
                        metavar="NAME")


def _argument_parser():
    """The command line."""
    parser = argparse.ArgumentParser(
        description="Reference model of the tokenizer and the statistics.")
    commands = parser.add_subparsers(dest="command", required=True)

    tokens = commands.add_parser(
        "tokens", help="print the tokens of messages in iteration order")
    _add_token_options(tokens)
    tokens.add_argument("--training", action="store_true",
                        help="flatten as for a message given with a class")
    tokens.add_argument("--digest", action="store_true",
                        help="per file one line only: the two SHA-1 sums, "
                             "number of tokens, SHA-1 of the token lines")
    tokens.add_argument("--files-from", action="append", default=[],
                        metavar="LIST", help="file with one path per line")
    tokens.add_argument("files", nargs="*", metavar="FILE")
    tokens.set_defaults(run=_command_tokens)

    flat = commands.add_parser(
        "flatten", help="show header text and body text of a message")
    flat.add_argument("--signature-location", choices=SIGNATURE_LOCATIONS,
                      default="message")
    flat.add_argument("--training", action="store_true",
                      help="flatten as for a message given with a class")
    flat.add_argument("file", metavar="FILE")
    flat.set_defaults(run=_command_flatten)

    replay = commands.add_parser(
        "replay", help="classify, then learn the messages of an index, "
                       "beginning with an empty store")
    _add_token_options(replay)
    replay.add_argument("--index", required=True, metavar="FILE",
                        help="lines: spam|ham PATH, relative to the index")
    replay.add_argument("--pvalue", choices=PVALUES, default="bcr")
    replay.add_argument("--algorithm", type=_algorithm_list,
                        default="graham burton", metavar="NAMES",
                        help="any of: %s" % " ".join(ALGORITHMS))
    replay.add_argument("--bias", choices=("on", "off"), default="on")
    replay.add_argument("--limit", type=int, metavar="N",
                        help="messages to process")
    replay.add_argument("--skip", type=int, default=0, metavar="N",
                        help="index lines to leave out at the beginning")
    replay.set_defaults(run=_command_replay)
    return parser


def main(arguments=None):
    """Run the command line."""
    options = _argument_parser().parse_args(arguments)
    options.run(options)


if __name__ == "__main__":
    main()

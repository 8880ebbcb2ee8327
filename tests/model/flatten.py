"""The two texts of a message, headers and bodies, from its parts (tokenizer.md 2.3, 2.4)."""

import re

from html_text import strip_html
from message_parts import parse
from transfer_codings import decode_body, decode_header_value, decode_percent

SIGNATURE_LOCATIONS = ("message", "headers")

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

"""Transfer codings and encoded words taken off bodies and headers (tokenizer.md 2.2, 2.4)."""

import re

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

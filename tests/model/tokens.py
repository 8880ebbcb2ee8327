"""The tokens of the two texts of a message, in iteration order (tokenizer.md 5 to 10)."""

import re
from collections import namedtuple

from token_ids import token_id

TOKENIZERS = ("word", "chain", "sbph", "osb")

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

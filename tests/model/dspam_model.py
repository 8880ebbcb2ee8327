#!/usr/bin/python3
"""Reference model of the DSPAM 3.10 tokenizer and statistics.

An independent, deliberately simple reading of the behaviour documents.  The C
engine is compared with this model token by token; where the two differ, one
of them (or the document) is wrong.

The model works in three steps:

* ``parse`` (message_parts.py) cuts a message into a flat list of parts,
* ``flatten`` (flatten.py) turns the parts into a header text and a body text,
* ``tokenize`` (tokens.py) turns those two texts into tokens, in iteration
  order.

The statistics follow in token_values.py, selection.py, algorithms.py and
verdict.py; this file is the command line.  Section numbers in comments are
those of the behaviour documents tokenizer.md and statistics.md.

Everything is ``bytes``; no character set is ever interpreted.

Usage (all options: ``--help`` of each command):

    dspam_model.py tokens --tokenizer osb --signature-location headers FILE...
    dspam_model.py tokens --digest --files-from LIST
    dspam_model.py flatten FILE
    dspam_model.py replay --index FILE --pvalue bcr --algorithm "graham burton"
"""

import argparse
import hashlib
import os
import sys

from flatten import SIGNATURE_LOCATIONS, flatten
from settings import ALGORITHMS, PVALUES, Settings
from token_store import Store
from tokens import TOKENIZERS, tokenize
from verdict import classify


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

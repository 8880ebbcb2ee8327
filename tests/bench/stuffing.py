"""What an attacker does to a message: words put into its text, another Subject. Pure."""

import collections
import email
import re

WORD = re.compile(rb"[A-Za-z]{3,14}")


def words_of(message):
    """The words of what stands behind the headers, as it stands there."""
    return {word.lower() for word in WORD.findall(message.partition(b"\n\n")[2])}


def own_words(ham, spam):
    """Words of several of a user's ham, the most telling last: those that are common there and rare in spam."""
    in_ham, in_spam = collections.Counter(), collections.Counter()
    for counter, messages in ((in_ham, ham), (in_spam, spam)):
        for message in messages:
            counter.update(words_of(message))
    known = [word for word, count in in_ham.items() if count >= 3]
    return sorted(known, key=lambda word: (in_ham[word] / (in_spam[word] + 1), word))


def unknown_words(chance, count):
    """Words that nobody has seen."""
    letters = b"abcdefghijklmnopqrstuvwxyz"
    return [bytes(chance.choices(letters, k=chance.randint(6, 12))) for _ in range(count)]


def as_lines(words):
    return b"".join(b" ".join(words[i:i + 12]) + b"\n" for i in range(0, len(words), 12))


def text_end(message):
    """Where the first text that is not encoded as base64 ends; None: there is none, or it is not plain where it ends."""
    part, boundary = email.message_from_bytes(message), None
    while part.is_multipart() and part.get_content_maintype() == "multipart":
        boundary, part = part.get_boundary(), part.get_payload(0)
    encoding = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
    if part.get_content_maintype() != "text" or encoding not in ("", "7bit", "8bit", "quoted-printable"):
        return None
    if boundary is None:
        return len(message)
    delimiter = re.compile(rb"^--" + re.escape(boundary.encode("latin-1", "replace")), re.MULTILINE)
    places = [hit.start() for hit in delimiter.finditer(message)]
    return places[1] if len(places) > 1 else None


def stuffed(message, words):
    """With the words at the end of its text."""
    end = text_end(message)
    return message[:end] + b"\n" + as_lines(words) + message[end:]


def subject_of(message):
    hit = re.search(rb"^Subject:[^\n]*(\n[ \t][^\n]*)*", message.partition(b"\n\n")[0], re.MULTILINE | re.IGNORECASE)
    return hit.group() if hit else None


def with_subject(message, subject):
    """With that line instead of its own, or as its first header."""
    own = subject_of(message)
    return message.replace(own, subject, 1) if own else subject + b"\n" + message

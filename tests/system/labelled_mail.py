"""Mail that is made, spam and ham of words of their own, and corpora of it."""

import random

SPAM_WORDS = "pills cheap offer money click winner free viagra loan urgent".split()
HAM_WORDS = "meeting patch compiler kernel lunch report thanks review branch tests".split()
COMMON_WORDS = "the and with for this that from have will your about".split()


def message(number, spam, seed=1):
    chance = random.Random(f"{seed} {number} {spam}")
    words = [chance.choice(chance.choice([SPAM_WORDS if spam else HAM_WORDS, COMMON_WORDS])) for _ in range(60)]
    name = "seller" if spam else "colleague"
    return (f"From: {name}{number % 3}@example.org\nSubject: {words[0]} {words[1]}\nDate: Mon, 1 Jan 2024 10:00:00 +0000\n"
            f"\n{' '.join(words[2:30])}\n{' '.join(words[30:])}\n")


def write_mail(directory, spam, count):
    """Files 00, 01, ..., written backwards, so that sorted order is not the order of creation."""
    directory.mkdir(parents=True)
    for number in reversed(range(count)):
        (directory / f"{number:02}").write_text(message(number, spam))
    return directory


def write_index(directory, spam, ham):
    write_mail(directory / "s", True, spam)
    write_mail(directory / "h", False, ham)
    lines = [f"spam s/{n:02}" for n in range(spam)] + [f"ham h/{n:02}" for n in range(ham)]
    random.Random(7).shuffle(lines)
    (directory / "index").write_text("\n".join(lines) + "\n")
    return directory / "index"

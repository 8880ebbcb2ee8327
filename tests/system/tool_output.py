"""What the tools print: lines of dspam_train, figures of dspam_eval, and progress on a terminal."""

import os
import re
import subprocess


def results(output):
    """[(class, name, result)] of the lines of dspam_train."""
    lines = re.findall(r"^\[test: (spam   |nonspam)\] (.{32}) result: (.*)$", output, re.MULTILINE)
    return [(kind.strip(), name.strip(), result) for kind, name, result in lines]


def figures(text):
    return dict(re.findall(r"^(\S+(?: \w+)?) +(-|-?[\d.]+)", text, re.MULTILINE))


def on_a_terminal(command, terminal):
    """(standard output, what a terminal at standard error shows)."""
    master, slave = terminal
    with subprocess.Popen([os.fspath(word) for word in command], stdout=subprocess.PIPE, stderr=slave) as process:
        os.close(slave)
        output = process.stdout.read()
        shown = b""
        while True:
            try:
                piece = os.read(master, 65536)
            except OSError:  # the other end is closed
                break
            if not piece:
                break
            shown += piece
    os.close(master)
    assert process.returncode == 0
    return output.decode(), shown.decode()

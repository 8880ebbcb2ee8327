"""CRM114, its classifiers OSB and OSBF, with the flags and the text that its mailfilter.cf recommends: base64 is decoded,
and the first 16,000 characters count. Its FAQ: train only errors, and what is within a thick threshold: 10 with OSB (5 in
mailfilter.cf); QUICKREF: 10 to 30 with OSBF.
"""

import email
import os
import re

from peers.peer import Contender, Judgement, Programs, Trouble, within

LENGTH = 16000
FLAGS = {"OSB": "osb unique microgroom", "OSBF": "osbf unique microgroom"}
FILES = {False: "nonspam.css", True: "spam.css"}


class Crm114(Programs):
    def __init__(self, home, classifier):
        super().__init__(home)
        self.flags = FLAGS[classifier]
        self.call("crm", "-v")

    def judge(self, message):
        if not all(os.path.exists(f"{self.home}/{name}") for name in FILES.values()):
            return Judgement("unsure", 0.0)
        program = (f"-{{ isolate (:s:); {{ classify <{self.flags}> ({FILES[False]} | {FILES[True]}) (:s:) }} "
                   "output /:*:s:/ }")
        _, said = self.call("crm", program, text=seen(message.path))
        found = re.search(r"^CLASSIFY .* pR: *(-?[0-9.]+)", said)
        if not found:
            raise Trouble(f"crm gave no pR: {said[:200]!r}")
        score = -float(found[1])
        return Judgement("spam" if score > 0 else "ham", score)

    def teach(self, message, spam):
        self.call("crm", f"-{{ learn <{self.flags}> ({FILES[spam]}) }}", text=seen(message.path))


def seen(path):
    """What mailfilter.crm would look at."""
    with open(path, "rb") as file:
        text = file.read()
    for part in email.message_from_bytes(text).walk():
        if part.get_content_maintype() == "text" and str(part.get("content-transfer-encoding", "")).lower().strip() == "base64":
            text = text.replace(part.get_payload().encode("ascii", "surrogateescape"), part.get_payload(decode=True), 1)
    return text[:LENGTH]


CONTENDERS = [
    Contender(f"CRM114 {name}", f"on error and within {thickness} pR", lambda home, name=name: Crm114(home, name),
              within(thickness), "crm114", neutral=0.0)
    for name, thick in (("OSB", (5, 10)), ("OSBF", (10, 20))) for thickness in thick
]

"""bogofilter. Its manual: -s and -n register; its FAQ: "full training", or "training on error", wrong or unsure."""

import bogofilter as program

from peers.peer import Absent, Contender, Judgement, Programs, every, on_error

VERDICTS = {0: "spam", 1: "ham", 2: "unsure"}


class Bogofilter(Programs):
    def __init__(self, home):
        super().__init__(home)
        self.program = program.find(None)
        if self.program is None:
            raise Absent("bogofilter is not installed")
        self.empty = True

    def judge(self, message):
        if self.empty:  # it does not judge without a list of words
            return Judgement("unsure", 0.5)
        status, said = self.call(self.program, "-C", "-d", self.home, "-TT", source=message.path, good=(0, 1, 2))
        return Judgement(VERDICTS[status], float(said))

    def teach(self, message, spam):
        self.call(self.program, "-C", "-d", self.home, "-s" if spam else "-n", source=message.path)
        self.empty = False


CONTENDERS = [
    Contender("bogofilter", "every message", Bogofilter, every, "bogofilter"),
    Contender("bogofilter", "on error and unsure", Bogofilter, on_error, "bogofilter"),
]

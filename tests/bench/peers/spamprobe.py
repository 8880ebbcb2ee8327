"""SpamProbe. Its manual: `good` and `spam` learn each message; `train-good` and `train-spam` only what is difficult."""

from peers.peer import Contender, Judgement, Programs, every


class SpamProbe(Programs):
    def __init__(self, home, commands):
        super().__init__(home)
        self.commands = commands
        self.call("spamprobe", "-d", home, "create-db")

    def judge(self, message):
        _, said = self.call("spamprobe", "-M", "-d", self.home, "score", message.path)
        word, score, *_ = said.split()
        return Judgement({"SPAM": "spam", "GOOD": "ham"}[word], float(score))

    def teach(self, message, spam):
        self.call("spamprobe", "-M", "-d", self.home, self.commands[spam], message.path)


CONTENDERS = [
    Contender("SpamProbe", "every message", lambda home: SpamProbe(home, ("good", "spam")), every, "spamprobe"),
    Contender("SpamProbe", "train-good, train-spam", lambda home: SpamProbe(home, ("train-good", "train-spam")), every,
              "spamprobe"),
]

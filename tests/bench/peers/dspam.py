"""This filter itself, by libdspam in this process, with a store in memory: its own algorithm, and the original's."""

import library

from peers.peer import Contender, Judgement, Trouble, every

SETTINGS = {
    "adaptive": "Algorithm adaptive\n",
    "chain": "Algorithm graham burton\nTokenizer chain\nPValue bcr\n",
    "osb": "Algorithm graham burton\nTokenizer osb\nPValue markov\n",
    "chi": "Algorithm chi-square\nTokenizer chain\nPValue robinson\n",
}


class Dspam:
    """Unsure mail is delivered with a mark: like that of all others it counts as taken for innocent."""

    def __init__(self, loaded, settings):
        self.filter = library.Filter(loaded, settings + "TrainingMode teft\n")

    def judge(self, message):
        opinion = self.filter.classify(read(message))
        verdict = "spam" if opinion.caught else "ham" if opinion.plain else "unsure"
        return Judgement(verdict, opinion.score)

    def teach(self, message, spam):
        self.filter.learn(read(message), spam)

    def close(self):
        self.filter.close()


def read(message):
    try:
        with open(message.path, "rb") as file:
            return file.read().replace(b"\r\n", b"\n")
    except OSError as error:
        raise Trouble(error) from error


def contenders(loaded):
    return [Contender(f"dspam, {name}", "every message", lambda _home, settings=settings: Dspam(loaded, settings), every, neutral=0.0)
            for name, settings in SETTINGS.items()]

"""The same orders and the same wrong labels as dspam_eval draws with the same seeds (src/tool/chance.h)."""

MASK = (1 << 64) - 1
MISTAKES = 1  # the row of numbers of src/tool/feedback.c


class Chance:
    """splitmix64 of Steele, Lea and Flood, 2014."""

    def __init__(self, seed):
        self.state = seed & MASK

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        mixed = self.state
        mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9 & MASK
        mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB & MASK
        return mixed ^ mixed >> 31

    def below(self, limit):
        return self.next() * limit >> 64


def order(count, seed):
    """The numbers below `count`, mixed as dspam_eval --shuffle does."""
    numbers = list(range(count))
    chance = Chance(seed)
    for i in range(count, 1, -1):
        other = chance.below(i)
        numbers[i - 1], numbers[other] = numbers[other], numbers[i - 1]
    return numbers


def is_mistaken(number, share, seed):
    """Whether the user takes message `number` of the index for what it is not, as with dspam_eval --noise."""
    own = Chance((seed * 4 + MISTAKES) & MASK ^ (number + 1) * 0xD1342543DE82EF95 & MASK)
    own.next()
    return (own.next() >> 11) * 2.0 ** -53 < share

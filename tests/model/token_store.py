"""What is remembered of learned messages: totals and hits of tokens (statistics.md 1, 6)."""


class Store:
    """Totals and token hits of one user, in memory."""

    def __init__(self):
        self.spam_learned = 0
        self.innocent_learned = 0
        self.spam_misclassified = 0
        self.innocent_misclassified = 0
        self.spam_corpusfed = 0
        self.innocent_corpusfed = 0
        self.spam_classified = 0
        self.innocent_classified = 0
        self.hits = {}

    def hits_of(self, identifier):
        """(spam hits, innocent hits) of a token."""
        return self.hits.get(identifier, (0, 0))

    def learn_corpus(self, tokens, is_spam):
        """Learn a message with its class, source corpus, mode teft."""
        if is_spam:
            self.spam_learned += 1
            self.spam_corpusfed += 1
        else:
            self.innocent_learned += 1
            self.innocent_corpusfed += 1
        for identifier in {token.id for token in tokens}:
            spam, innocent = self.hits_of(identifier)
            if is_spam:
                spam += 1
            else:
                innocent += 1
            self.hits[identifier] = (spam, innocent)

"""Mail that flows before, during and after something happens."""

import contextlib
import itertools
import smtplib
import threading
import time

from .server import wait_for
from .stack import PEOPLE
from .traffic import small_mail

BEFORE = 10  # arrivals before the test goes on
AFTER = 30  # messages that are sent when it is over
UNDER_WAY = 60  # messages that may be missing at once, and
MANY = 300  # messages after which it goes slowly, so that a long fault piles up no mountain


class Flow(threading.Thread):
    """Sends message after message to the people in turn, until it is told that all is over, and then a few more."""

    def __init__(self, stack):
        super().__init__(daemon=True)
        self.stack = stack
        self.over = threading.Event()
        self.failure = None
        self.sent = 0

    def run(self):
        try:
            with smtplib.SMTP(*self.stack.site.smtp, timeout=100) as smtp:
                smtp.ehlo("client.example")
                people, left = itertools.cycle(PEOPLE), AFTER
                while left > 0:
                    if self.sent % 10 == 0 and not self.over.is_set() and len(self.stack.ledger.missing()) >= UNDER_WAY:
                        time.sleep(0.05)
                        continue
                    if self.sent > MANY:
                        self.over.wait(0.2)
                    self.stack.traffic.one(smtp, small_mail(self.sent), [next(people)])
                    self.sent += 1
                    left -= self.over.is_set()
        except Exception as error:  # pylint: disable=broad-except
            self.failure = error


@contextlib.contextmanager
def mail_flows(stack):
    """While mail flows do what is in the block; then wait until all of it has arrived."""
    flow = Flow(stack)
    flow.start()
    stack.ledger.wait_for_count(BEFORE)
    try:
        yield flow
    finally:
        flow.over.set()
        flow.join(100)
    assert not flow.is_alive() and flow.failure is None, flow.failure
    assert not stack.traffic.refused
    stack.settle()


def lessons(stack):
    """New books; a function that says how many messages were counted since then."""
    def seen():
        return sum(stack.dspam.seen(person) for person in PEOPLE)

    stack.new_books()
    before = seen()
    return lambda: seen() - before


def once_each(stack, counted, twice=0):
    """All has arrived once, filtered, and is counted once; `twice` deliveries too many are forgiven, lessons are not."""
    stack.ledger.check(twice=twice)
    wait_for(lambda: counted() >= len(stack.ledger.due()), what=lambda: f"the last lesson ({counted()})")
    assert counted() == len(stack.ledger.due())

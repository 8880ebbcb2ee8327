"""A stream of mail to the daemon, which goes on whatever happens to it."""

import threading
import time

from daemon_site import mail
from lmtp_peer import wire


class Stream:
    """Clients that send and send again, as a mail server does, until told to stop; and what they were told."""

    def __init__(self, daemon, count=6):
        self.daemon = daemon
        self.stop = threading.Event()
        self.accepted, self.deferred, self.refused = set(), 0, []
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self._send, args=(number,)) for number in range(count)]
        for thread in self.threads:
            thread.start()

    def _send(self, client_number):
        number = client_number * 100000
        while not self.stop.is_set():
            number += 1
            while not self._once(number) and not self.stop.is_set():
                time.sleep(0.02)

    def _once(self, number):
        try:
            with self.daemon.client() as client:
                answers = [client.say("MAIL FROM:<>"), client.say("RCPT TO:<u>"), client.say("DATA")]
                if None in answers or [code for code, _ in answers] != [250, 250, 354]:
                    return self._note(number, next((a for a in answers if a and a[0] >= 400), None))
                client.send(wire(mail(number)))
                return self._note(number, client.reply())
        except (OSError, AttributeError):
            return self._note(number, None)

    def _note(self, number, answer):
        with self.lock:
            if answer is not None and answer[0] == 250:
                self.accepted.add(number)
                return True
            if answer is not None and answer[0] >= 500:
                self.refused.append(answer)
            self.deferred += 1
            return False

    def end(self):
        self.stop.set()
        for thread in self.threads:
            thread.join()

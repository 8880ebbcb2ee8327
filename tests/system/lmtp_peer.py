"""Both sides of LMTP for tests of the daemon: a client that says exactly what it is told, and a scripted next hop."""

import re
import socket
import threading

SECONDS = 60
TEMPORARY = {"data": "451 4.2.0 try later, please"}  # answers of a next hop
PERMANENT = {"data": "550 5.7.1 go away"}


class Client:
    """A connection to the daemon; `address` is (host, port) or the path of a UNIX socket."""

    def __init__(self, address, greet=True):
        family = socket.AF_INET if isinstance(address, tuple) else socket.AF_UNIX
        self.socket = socket.socket(family)
        self.socket.settimeout(SECONDS)
        self.socket.connect(address)
        self.file = self.socket.makefile("rb")
        if greet:
            self.greeting = self.reply()
            self.say("LHLO client.example")

    def close(self):
        self.file.close()
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode())

    def reply(self):
        """The next reply: (code, text of its last line); None when the daemon has closed."""
        while True:
            line = self.file.readline()
            if not line.endswith(b"\n"):
                return None
            assert re.match(rb"\d{3}[ -].*\r\n$", line), line
            if line[3:4] == b" ":
                return int(line[:3]), line[4:].decode(errors="replace").strip()

    def say(self, line):
        self.send(line + "\r\n")
        return self.reply()

    def begin(self, recipients, sender="sender@example.org"):
        """Up to the 354; what RCPT was answered."""
        group = [f"MAIL FROM:<{sender}>"] + [f"RCPT TO:<{recipient}>" for recipient in recipients] + ["DATA"]
        self.send("\r\n".join(group) + "\r\n")
        answers = [self.reply() for _ in group]
        assert answers[0][0] == 250, answers
        assert answers[-1][0] == 354, answers
        return answers[1:-1]

    def deliver(self, message, recipients, sender="sender@example.org"):
        """One message; the replies to the recipients that were taken, in order."""
        taken = sum(1 for code, _ in self.begin(recipients, sender) if code == 250)
        self.send(wire(message))
        return [self.reply() for _ in range(taken)]


def wire(message):
    """The message as it is sent after DATA."""
    data = re.sub(rb"\r?\n", b"\r\n", message)
    if data and not data.endswith(b"\r\n"):
        data += b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", data) + b".\r\n"


def unwire(data):
    """The message in what came after DATA, without the final dot."""
    return re.sub(rb"(?m)^\.\.", b".", data).replace(b"\r\n", b"\n")


class Mail:
    """What the next hop was given for one recipient, and accepted."""

    def __init__(self, sender, recipient, message):
        self.sender = sender
        self.recipient = recipient
        self.message = message


class NextHop:
    """
    An LMTP server on a loopback port; `address` may be set to another (host, port), or the path of a UNIX socket.

    `answers` says what it does for a recipient, found by the local part: a reply line for RCPT in "rcpt", for the
    end of the message in "data"; "close" closes instead. `hold` is an event that the final replies wait for.

    With `tls`, an ssl context, it offers STARTTLS, or speaks TLS at once if `implicit`. As a server of SMTP it answers a
    message once. `raw` holds what came after DATA, as it came.
    """

    def __init__(self, port):
        self.address = ("127.0.0.1", port)
        self.answers = {}
        self.tls = None
        self.implicit = False
        self.smtp = False
        self.raw = []
        self.hellos = []  # how the client called itself
        self.handshakes = []  # for each a text, what went wrong, or the name in the client's certificate
        self.hold = None
        self.mails = []
        self.asked = 0  # messages that have come to their final dot
        self.lock = threading.Lock()
        self.connections = set()
        self.listening = None

    def start(self):
        if isinstance(self.address, str):
            self.listening = socket.socket(socket.AF_UNIX)
            self.listening.bind(self.address)
            self.listening.listen(100)
        else:
            family = socket.AF_INET6 if ":" in self.address[0] else socket.AF_INET
            self.listening = socket.create_server(self.address, family=family, backlog=100)
        threading.Thread(target=self._accept, args=(self.listening,), daemon=True).start()
        return self

    def stop(self):
        """As when the program is ended: nobody listens, connections break."""
        if self.listening is not None:
            self.listening.shutdown(socket.SHUT_RDWR)
            self.listening.close()
            self.listening = None
        with self.lock:
            for connection in self.connections:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
            self.connections.clear()

    def messages(self, recipient):
        with self.lock:
            return [mail.message for mail in self.mails if mail.recipient == recipient]

    def count(self):
        with self.lock:
            return len(self.mails)

    def _accept(self, listening):
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with self.lock:
                self.connections.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        plain = connection
        try:
            if connection.family != socket.AF_UNIX:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.tls is not None and self.implicit:
                connection = self._secure(connection)
            with connection.makefile("rb") as lines:
                again = self._talk(connection, lines)
            if again == "STARTTLS":
                connection = self._secure(connection)
                with connection.makefile("rb") as lines:
                    self._talk(connection, lines, inside=True)
        except OSError:
            pass
        finally:
            connection.close()
        with self.lock:
            self.connections.discard(plain)
            self.connections.discard(connection)

    def _secure(self, connection):
        try:
            secured = self.tls.wrap_socket(connection, server_side=True)
            secured.do_handshake()
        except OSError as error:
            self.handshakes.append(str(error))
            raise
        subject = dict(pair for row in (secured.getpeercert() or {}).get("subject", ()) for pair in row)
        self.handshakes.append(subject.get("commonName", ""))
        with self.lock:
            self.connections.add(secured)
        return secured

    def _answer(self, recipient, step, usual):
        return self.answers.get(recipient.split("@")[0], {}).get(step, usual)

    def _talk(self, connection, lines, inside=False):
        sender, recipients = "", []
        if not inside:
            connection.sendall(b"220 next.example LMTP\r\n")
        for line in lines:
            word = line[:4].upper()
            address = re.search(rb"<(.*?)>", line)
            answer = "250 2.0.0 OK"
            if word == (b"EHLO" if self.smtp else b"LHLO"):
                self.hellos.append(line[5:].decode().strip())
                offer = "250-STARTTLS\r\n" if self.tls is not None and not self.implicit and not inside else ""
                answer = f"250-next.example\r\n250-PIPELINING\r\n{offer}250-8BITMIME\r\n250 ENHANCEDSTATUSCODES"
            elif word == b"STAR":
                connection.sendall(b"220 2.0.0 go on\r\n")
                return "STARTTLS"
            elif word == b"MAIL":
                sender, recipients = address.group(1).decode(), []
            elif word == b"RCPT":
                recipient = address.group(1).decode()
                answer = self._answer(recipient, "rcpt", answer)
                if answer.startswith("2"):
                    recipients.append(recipient)
            elif word == b"DATA":
                if not recipients:
                    answer = "503 5.5.1 no recipients"
                else:
                    connection.sendall(b"354 go on\r\n")
                    if not self._data(connection, lines, sender, recipients):
                        return
                    continue
            elif word == b"QUIT":
                connection.sendall(b"221 2.0.0 bye\r\n")
                return
            if answer == "close":
                return
            connection.sendall(answer.encode() + b"\r\n")

    def _data(self, connection, lines, sender, recipients):
        data = []
        for line in lines:
            if line == b".\r\n":
                break
            data.append(line)
        else:
            return False
        with self.lock:
            self.asked += 1
        if self.hold is not None:
            self.hold.wait(SECONDS)
        with self.lock:
            if connection not in self.connections:
                return False  # stopped meanwhile, and nothing was accepted
        message = unwire(b"".join(data))
        with self.lock:
            self.raw.append(b"".join(data))
        if self.smtp:
            with self.lock:
                self.mails += [Mail(sender, recipient, message) for recipient in recipients]
            connection.sendall(b"250 2.0.0 taken\r\n")
            return True
        for recipient in recipients:
            answer = self._answer(recipient, "data", "250 2.1.5 taken")
            if answer == "close":
                return False
            if answer.startswith("2"):
                with self.lock:
                    self.mails.append(Mail(sender, recipient, message))
            connection.sendall(answer.encode() + b"\r\n")
        return True

"""Send many messages by LMTP, over one or several connections at once, as a mail server would."""

import socket
import threading


class Connection:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=120)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.replies = self.socket.makefile("rb")
        self.expect(b"220")
        self.command(b"LHLO bench.example\r\n", b"250")

    def expect(self, code):
        while True:
            line = self.replies.readline()
            if line[3:4] != b"-":
                break
        if not line.startswith(code):
            raise OSError(f"the daemon's answer is {line!r}, not {code.decode()}")

    def command(self, text, *codes):
        self.socket.sendall(text)
        for code in codes:
            self.expect(code)

    def send(self, user, wire):
        envelope = b"MAIL FROM:<bench@bench.example>\r\nRCPT TO:<%s>\r\nDATA\r\n" % user.encode()
        self.command(envelope, b"250", b"250", b"354")
        self.command(wire, b"250")

    def close(self):
        self.command(b"QUIT\r\n", b"221")
        self.replies.close()
        self.socket.close()


def _send_all(port, letters, problems):
    try:
        connection = Connection(port)
        for user, message in letters:
            connection.send(user, message.wire())
        connection.close()
    except OSError as error:
        problems.append(error)


def send(port, users, messages, connections):
    """Send each message once, to the one user or to the users in turn; raises OSError if one was not taken."""
    users = [users] if isinstance(users, str) else users
    letters = [(users[i % len(users)], message) for i, message in enumerate(messages)]
    problems = []
    threads = [
        threading.Thread(target=_send_all, args=(port, letters[i::connections], problems), daemon=True)
        for i in range(connections)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]

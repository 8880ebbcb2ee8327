"""Who is asked about a message: a scripted clamd, the real one, and a DNS server."""

import os
import shutil
import socket
import struct
import threading

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
CLAMD = "/usr/sbin/clamd"


class FakeClamd:
    """
    Speaks INSTREAM and answers what `behaviour` says:

    "honest"  scans for the word VIRUS         "virus"    finds one in every message
    "hang"     takes the message and says nothing
    "close"   closes at once                   "late"     closes after the message, without a reply
    "garbage" says nonsense                    "endless"  a reply without end
    "limit"   INSTREAM size limit exceeded, after 100,000 bytes, and closes
    "stuck"   does not even read               "error"    says that it could not scan
    "unknown" says that it knows no such command, to whatever comes, and closes
    """

    def __init__(self, address):
        """`address` is (host, port) or a path. With an ssl.SSLContext in `tls` it wants TLS from the first byte."""
        self.address, self.behaviour, self.tls = address, "honest", None
        self.messages, self.sockets = [], []
        self.over = threading.Event()
        if isinstance(address, tuple):
            family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
            self.listening = socket.create_server(address, family=family)
        else:
            self.listening = socket.socket(socket.AF_UNIX)
            self.listening.bind(address)
            self.listening.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self):
        self.over.set()
        self._close()
        for each in self.sockets:
            each.close()

    def _close(self):
        """Also while a thread waits in accept."""
        try:
            self.listening.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listening.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            self.sockets.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            if self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
                self.sockets.append(connection)
            if self.behaviour == "close":
                connection.close()
            elif self.behaviour == "unknown":
                connection.recv(1)
                connection.sendall(b"UNKNOWN COMMAND\0")
                connection.shutdown(socket.SHUT_WR)
            elif self.behaviour == "stuck":
                self.over.wait(60)
            else:
                self._scan(connection, connection.makefile("rb"))
        except (OSError, ValueError):
            pass

    def _scan(self, connection, stream):
        assert stream.read(10) == b"zINSTREAM\0"
        message = b""
        while (size := struct.unpack("!I", stream.read(4))[0]) > 0:
            message += stream.read(size)
            if self.behaviour == "limit" and len(message) > 100000:
                connection.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                connection.shutdown(socket.SHUT_RDWR)
                connection.close()
                return
        self.messages.append(message)
        if self.behaviour == "hang":
            self.over.wait(60)
        reply = {
            "honest": b"stream: Test.Virus FOUND\0" if b"VIRUS" in message else b"stream: OK\0",
            "virus": b"stream: Test.Virus FOUND\0",
            "limit": b"stream: OK\0",
            "late": b"",
            "garbage": b"\xff\x00\x01 what?\n",
            "endless": b"x" * 100000,
            "error": b"stream: Can't open file or directory ERROR\0",
        }.get(self.behaviour, b"")
        connection.sendall(reply)
        connection.shutdown(socket.SHUT_RDWR)
        connection.close()


def real_clamd(directory, start, address, limit="1M"):
    """Start clamd with a database of one signature; None when it is not installed."""
    if not os.path.exists(CLAMD) and shutil.which("clamd") is None:
        return None
    database = directory / "clamav"
    database.mkdir()
    (database / "test.ndb").write_text(f"Test.Eicar:0:*:{EICAR.hex()}\n")
    listens = f"TCPSocket {address[1]}\nTCPAddr {address[0]}\n" if isinstance(address, tuple) else f"LocalSocket {address}\n"
    configuration = directory / "clamd.conf"
    configuration.write_text(
        f"DatabaseDirectory {database}\nForeground yes\n{listens}SelfCheck 0\nStreamMaxLength {limit}\n"
        f"TemporaryDirectory {directory}\nLogFile {directory}/clamd.log\n")
    return start([CLAMD if os.path.exists(CLAMD) else "clamd", "--config-file", configuration], listens_on=address)


class Dns:
    """
    A DNS server on a loopback UDP port.

    `names` has for each name a list of IPv4 addresses, or a number as response code, or None for no answer at all; names that
    are missing do not exist.
    """

    def __init__(self, port):
        self.address = ("127.0.0.1", port)
        self.names, self.asked = {}, []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(self.address)
        threading.Thread(target=self._serve, daemon=True).start()

    def stop(self):
        self.socket.close()

    def _serve(self):
        while True:
            try:
                question, peer = self.socket.recvfrom(4096)
                reply = self._reply(question)
                if reply:
                    self.socket.sendto(reply, peer)
            except OSError:
                return

    def _reply(self, question):
        labels, at = [], 12
        while question[at]:
            labels.append(question[at + 1:at + 1 + question[at]].decode())
            at += 1 + question[at]
        name = ".".join(labels).lower()
        self.asked.append(name)
        answer = self.names.get(name, 3)
        if answer is None:
            return None
        code = answer if isinstance(answer, int) else 0
        addresses = [] if isinstance(answer, int) else answer
        head = question[:2] + struct.pack("!HHHHH", 0x8180 | code, 1, len(addresses), 0, 0)
        records = b"".join(b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 60, 4) + socket.inet_aton(each) for each in addresses)
        return head + question[12:at + 5] + records

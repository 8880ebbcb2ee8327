"""IMAP servers for dspam_train: a real Dovecot over TLS, and one that does what a test wants."""

import imaplib
import os
import pathlib
import shutil
import socket
import ssl
import struct
import tempfile
import threading

import pytest

from ports import free_port
from stack.server import Server
from stack.site import USER

DOVECOT = """
base_dir = {D}/run
state_dir = {D}/state
log_path = {D}/dovecot.log
listen = 127.0.0.1
protocols = imap
ssl = required
ssl_cert = <{D}/server.pem
ssl_key = <{D}/server.key
ssl_min_protocol = TLSv1.2
disable_plaintext_auth = yes
auth_mechanisms = {mechanisms}
auth_master_user_separator = *
auth_failure_delay = 0
default_internal_user = dovecot
default_login_user = dovenull
default_internal_group = dovecot
first_valid_uid = 1
first_valid_gid = 1
mail_fsync = never
default_vsz_limit = 0
mail_location = maildir:{D}/mail/%u
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {D}/masters
  master = yes
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {D}/users
}}
userdb {{
  driver = static
  args = uid={user} gid={user} home={D}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = {separator}
  mailbox "Ungewollt & laut" {{
    special_use = \\Junk
    auto = create
  }}
  mailbox Archiv {{
    special_use = \\Archive
    auto = create
  }}
  mailbox Geschrieben {{
    special_use = \\Sent
    auto = create
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {clear}
  }}
  inet_listener imaps {{
    port = {tls}
  }}
}}
"""


def missing():
    if os.getuid() != 0:
        return "Dovecot runs as root only: run the tests as root to have them tested"
    if shutil.which("dovecot", path=f"{os.environ['PATH']}:/usr/sbin") is None:
        return "dovecot-imapd is not installed: scripts/install-packages test"
    return None


class Dovecot:
    """Users anna, with the password "pass word \\"ä", and bert, "b"; master is a master user, "m"."""

    passwords = {"anna": 'pass word "ä\\', "bert": "b", "carla": "c"}
    master = ("master", "m")

    def __init__(self, pem, separator=".", mechanisms="plain login"):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="ds-"))
        self.directory.chmod(0o755)
        self.clear, self.tls = free_port(), free_port()
        for name in ("server.pem", "server.key"):
            shutil.copy(pem(name), self.directory / name)
        (self.directory / "users").write_text("".join(f"{user}:{{PLAIN}}{word}\n" for user, word in self.passwords.items()),
                                              encoding="utf-8")
        (self.directory / "masters").write_text(f"{self.master[0]}:{{PLAIN}}{self.master[1]}\n")
        for name in ("mail", "state", "run"):
            (self.directory / name).mkdir()
        shutil.chown(self.directory / "mail", USER, USER)
        config = self.directory / "dovecot.conf"
        config.write_text(DOVECOT.format(D=self.directory, user=USER, separator=separator, clear=self.clear, tls=self.tls,
                                         mechanisms=mechanisms))
        self.server = Server(["/usr/sbin/dovecot", "-F", "-c", config], str(self.directory / "start.log"),
                             listens_on=("127.0.0.1", self.tls))

    def stop(self):
        self.server.end()
        if not os.environ.get("DSPAM_KEEP_STACK"):
            shutil.rmtree(self.directory, ignore_errors=True)

    def login(self, user):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        connection = imaplib.IMAP4_SSL("127.0.0.1", self.tls, ssl_context=context, timeout=60)
        connection.authenticate("PLAIN", lambda _: f"\0{user}\0{self.passwords[user]}".encode())
        return connection

    def log(self):
        log = self.directory / "dovecot.log"
        return log.read_text(errors="replace") if log.exists() else ""


def start_dovecot(pem, **options):
    reason = missing()
    if reason:
        pytest.skip(reason)
    return Dovecot(pem, **options)


class Scripted:
    """
    A server that answers each command by `script`: a function of (tag, words) that gives bytes to send, None to close
    the connection, "hang", or (bytes, "reset") to send them and reset it. All that it was told is in `heard`.
    """

    def __init__(self, script, pem, certificate="server", greeting=b"* OK ready\r\n", starttls=False):
        self.script, self.greeting, self.starttls = script, greeting, starttls
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(pem(f"{certificate}.pem"), pem(f"{certificate}.key"))
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.heard = []
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while not self.ended.is_set():
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            connection.settimeout(60)
            try:
                self.talk(connection)
            except (OSError, ValueError):
                pass
            connection.close()

    def talk(self, connection):
        if not self.starttls:
            connection = self.context.wrap_socket(connection, server_side=True)
        connection.sendall(self.greeting)
        reader = connection.makefile("rb")
        while line := reader.readline():
            line = line.rstrip(b"\r\n")
            self.heard.append(line)
            while line.endswith(b"}"):  # a literal: ask for it, and for the rest of the line
                size = int(line[line.rindex(b"{") + 1:-1])
                connection.sendall(b"+ go on\r\n")
                line = line[:line.rindex(b"{")] + reader.read(size) + reader.readline().rstrip(b"\r\n")
                self.heard[-1] = line
            tag, _, words = line.partition(b" ")
            answer = self.script(tag, words)
            if answer == "hang":
                self.ended.wait(60)
                answer = None
            if answer is None:
                return
            if isinstance(answer, tuple):
                connection.sendall(answer[0])
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            connection.sendall(answer)
            if words == b"STARTTLS" and b" OK" in answer:
                connection = self.context.wrap_socket(connection, server_side=True)
                reader = connection.makefile("rb")

    def stop(self):
        self.ended.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(10)


def answers(folders=b"", messages=None, capabilities=b"IMAP4rev1 AUTH=PLAIN SASL-IR", **changes):
    """A script: one folder list, `messages` as {uid: bytes} in each folder; `changes` by the command's first word."""
    messages = messages or {}

    def script(tag, words):
        command = words.split(b" ")[0].decode().lower()
        if words.startswith(b"UID FETCH"):
            command = "body"
        done = tag + b" OK done\r\n"
        if command in changes:
            change = changes[command]
            return change(tag, words) if callable(change) else change
        if command == "capability":
            return b"* CAPABILITY " + capabilities + b"\r\n" + done
        if command == "list":
            return folders + done
        if command == "examine":
            return b"* %d EXISTS\r\n* OK [UIDVALIDITY 7] fine\r\n" % len(messages) + done
        if command == "fetch":
            return b"".join(b'* %d FETCH (UID %d FLAGS (\\Seen) INTERNALDATE "01-Jan-2024 10:00:%02d +0000" RFC822.SIZE %d)\r\n'
                            % (number, uid, uid % 60, len(body))
                            for number, (uid, body) in enumerate(messages.items(), 1)) + done
        if command == "body":
            wanted = [int(uid) for uid in words.split(b" ")[2].split(b",")]
            return b"".join(b"* %d FETCH (UID %d BODY[]<0> {%d}\r\n%s)\r\n" % (uid, uid, len(messages[uid]), messages[uid])
                            for uid in wanted) + done
        return done

    return script

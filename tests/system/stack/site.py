"""Where a stack lives: one short directory with the paths of a real machine below it, and its ports."""

import os
import pathlib
import pwd
import re
import shutil
import tempfile

import pytest

from ports import free_port

USER = "mail"  # in every Debian; the documents call him vmail
PATHS = ("/etc/postfix", "/etc/dovecot", "/etc/dspam", "/var/lib/dspam", "/var/vmail", "/run/dspam", "/run/dovecot",
         "/usr/local", "/var/spool/postfix", "/run/clamav")
PORTS = {"dspam": 2424, "clamd": 3310, "imap": 143, "reinject": 10025}
NEEDED = {"postfix": "postfix", "dovecot": "dovecot-lmtpd and dovecot-imapd"}


def missing():
    """Why no stack can run here; None: it can."""
    if os.getuid() != 0:
        return "Postfix and Dovecot run as root only: run the tests as root to have them tested"
    for program, package in NEEDED.items():
        if shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin") is None:
            return f"{program} is not installed ({package}): scripts/install-packages test"
    if not os.path.exists("/usr/lib/dovecot/lmtp") or not os.path.exists("/usr/lib/dovecot/imap"):
        return "dovecot-lmtpd and dovecot-imapd are not installed: scripts/install-packages test"
    for user in ("postfix", "dovecot", "dovenull", USER):
        try:
            pwd.getpwnam(user)
        except KeyError:
            return f"there is no user {user}"
    return None


class Site:
    """`directory` holds all of it; `programs` are those to test, copied so that the user may run them."""

    def __init__(self, programs):
        reason = missing()
        if reason:
            pytest.skip(reason)
        if not os.path.exists(f"{programs}/dspam"):
            pytest.skip("the program dspam is not built")
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="ds-"))
        self.directory.chmod(0o755)
        self.ports = {name: free_port() for name in PORTS}
        self.smtp = ("127.0.0.1", free_port())
        self.make("log", mode=0o777)
        for path in ("/var/vmail", "/var/lib/dspam", "/run/dspam"):
            self.make(path, owner=USER)
        self.bin = self.make("/usr/local/bin")
        for name in os.listdir(programs):
            shutil.copy(os.path.join(programs, name), self.bin / name)

    def path(self, path):
        """Where a path of a real machine is here."""
        return self.directory / os.fspath(path).lstrip("/")

    def make(self, path, owner=None, mode=0o755):
        """Make a directory."""
        made = self.path(path)
        made.mkdir(parents=True, exist_ok=True)
        made.chmod(mode)
        if owner:
            shutil.chown(made, owner, owner)
        return made

    def adapt(self, text):
        """A configuration of a real machine, with our paths, ports and user."""
        text = re.sub(r"(?<![\w./])(?=(?:%s)\b)" % "|".join(PATHS), str(self.directory), text)
        for name, port in PORTS.items():
            text = re.sub(r"(?<=127\.0\.0\.1:)%d\b|(?<=Port )%d\b|(?<=localhost:)%d\b" % (port, port, port),
                          str(self.ports[name]), text)
        return re.sub(r"\bvmail\b(?<!/vmail)", USER, text)

    def write(self, path, text, mode=0o644):
        """Write a configuration, adapted."""
        file = self.path(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(self.adapt(text))
        file.chmod(mode)
        # Postfix waits a while before it trusts a file that has just changed
        os.utime(file, (1, 1))
        return file

    def log(self, name):
        return self.directory / "log" / f"{name}.log"

    def remove(self):
        shutil.rmtree(self.directory, ignore_errors=True)

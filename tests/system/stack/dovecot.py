"""Dovecot on loopback ports, with its sockets in the site's directory."""

import imaplib
import os
import subprocess

from .server import Server, wait_for

# What is special to a test: no TLS unless a test brings it, everybody may log in, nothing outside of the directory.
BASE = """
base_dir = /run/dovecot
state_dir = {D}/dovecot-state
log_path = {D}/log/dovecot.log
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_internal_user = dovecot
default_login_user = dovenull
default_internal_group = dovecot
first_valid_gid = 1
mail_fsync = never
default_vsz_limit = 0
mail_max_userip_connections = 100
passdb {{
  driver = static
  args = nopassword=y
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {IMAP}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""


class Dovecot:
    """`local` is the site's local.conf. Ready when `ready` (address, or path of a real machine) can be connected to."""

    def __init__(self, site, local, ready="/run/dovecot/lmtp"):
        self.site = site
        site.make("/run/dovecot")
        site.make("dovecot-state")
        self.imap = ("127.0.0.1", site.ports["imap"])
        self.ready = ready if isinstance(ready, tuple) else str(site.path(ready))
        base = BASE.format(D=site.directory, IMAP=site.ports["imap"])
        self.config = site.write("/etc/dovecot/dovecot.conf", base + local)
        self.server = None

    def compile(self, script):
        """Compile a Sieve script, as the page says."""
        subprocess.run(["/usr/bin/sievec", "-c", self.config, self.site.path(script)], check=True)

    def start(self):
        self.server = Server(["/usr/sbin/dovecot", "-F", "-c", self.config], str(self.site.log("dovecot-start")),
                             listens_on=self.ready)
        return self

    def stop(self):
        if self.server:
            self.server.end()
            self.server = None

    def log(self):
        log = self.site.log("dovecot")
        return log.read_text(errors="replace") if log.exists() else ""

    def login(self, user):
        """An IMAP connection of a user."""
        connection = imaplib.IMAP4(*self.imap, timeout=60)
        connection.login(user, "any")
        return connection


def folders(maildirs, address):
    """{folder: [files]} of a mailbox; the folder of the inbox is INBOX."""
    local, _, domain = address.partition("@")
    home = maildirs / domain / local
    found = {}
    for name in sorted(os.listdir(home)) if home.is_dir() else []:
        place = home if name in ("new", "cur") else home / name
        folder = "INBOX" if name in ("new", "cur") else name.lstrip(".")
        if name in ("new", "cur"):
            found.setdefault(folder, []).extend(file for file in (home / name).iterdir())
        elif name.startswith(".") and (place / "new").is_dir():
            found.setdefault(folder, []).extend([*(place / "new").iterdir(), *(place / "cur").iterdir()])
    return found


__all__ = ["Dovecot", "folders", "wait_for"]

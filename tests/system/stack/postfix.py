"""Postfix on a loopback port, with its queue in the site's directory."""

import os
import signal
import subprocess

from .server import Server, wait_for

# What is special to a test: loopback only, no DNS, no limits for the one client, tries again soon. And
# Postfix changes nothing of a message, so that what has changed is our doing.
#
# Not at once: after a deferral the client of LMTP holds its lock of the queue file for a moment. A queue manager that finds
# it locked ("skipped, still being delivered") puts it back into `incoming` for 60 seconds, and looks there only
# when other mail comes or when it is woken, for which its entry in master.cf has a short time.
MAIN = """
compatibility_level = 3.6
queue_directory = /var/spool/postfix
data_directory = {D}/postfix-data
daemon_directory = /usr/lib/postfix/sbin
maillog_file = {D}/log/postfix.log
maillog_file_prefixes = {D}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.example.org
mydestination =
alias_maps =
local_recipient_maps =
mynetworks = 127.0.0.0/8
smtp_dns_support_level = disabled
smtp_host_lookup = native
lmtp_dns_support_level = disabled
lmtp_host_lookup = native
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_error_sleep_time = 0
queue_run_delay = 1s
minimal_backoff_time = 3s
maximal_backoff_time = 3s
transport_retry_time = 1s
local_header_rewrite_clients =
message_drop_headers =
smtp_line_length_limit = 0
lmtp_line_length_limit = 0
message_size_limit = 50000000
"""
MASTER = """
127.0.0.1:{SMTP} inet  n       -       n       -       250       smtpd{FILTER}
pickup    unix  n       -       n       60      1       pickup
cleanup   unix  n       -       n       -       0       cleanup
qmgr      unix  n       -       n       1       1       qmgr
rewrite   unix  -       -       n       -       -       trivial-rewrite
bounce    unix  -       -       n       -       0       bounce
defer     unix  -       -       n       -       0       bounce
trace     unix  -       -       n       -       0       bounce
verify    unix  -       -       n       -       1       verify
flush     unix  n       -       n       1000?   0       flush
proxymap  unix  -       -       n       -       -       proxymap
smtp      unix  -       -       n       -       -       smtp
relay     unix  -       -       n       -       -       smtp
showq     unix  n       -       n       -       -       showq
error     unix  -       -       n       -       -       error
retry     unix  -       -       n       -       -       error
discard   unix  -       -       n       -       -       discard
virtual   unix  -       n       n       -       -       virtual
lmtp      unix  -       -       n       -       -       lmtp
anvil     unix  -       -       n       -       1       anvil
scache    unix  -       -       n       -       1       scache
tlsmgr    unix  -       -       n       1000?   1       tlsmgr
postlog   unix-dgram n  -       n       -       1       postlogd
"""
QUEUES = ("maildrop", "incoming", "active", "deferred", "hold", "corrupt")


class Postfix:
    """`main` and `master` are the site's additions; `smtpd` are options of the service that takes mail in."""

    def __init__(self, site, main="", master="", smtpd=""):
        self.site = site
        self.config = site.make("/etc/postfix")
        self.queue = site.make("/var/spool/postfix")
        data = site.make("postfix-data", owner="postfix")
        base = MAIN.format(D=site.directory)
        site.write("/etc/postfix/main.cf", base + main)
        site.write("/etc/postfix/master.cf", MASTER.format(SMTP=site.smtp[1], FILTER=smtpd) + master)
        assert data.is_dir()
        self.server = None

    def start(self):
        self.server = Server(["/usr/sbin/postfix", "-c", self.config, "start-fg"], str(self.site.log("postfix-start")),
                             listens_on=self.site.smtp)
        return self

    def stop(self):
        if self.server:
            self.server.end()
            self.server = None
        for pid in self.members():
            os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not self.members(), what="the end of all processes of Postfix")

    def members(self):
        """Its processes, in whatever session: master makes one of its own."""
        mark = f"MAIL_CONFIG={self.config}".encode()
        found = []
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{name}/environ", "rb") as environ:
                    if mark in environ.read().split(b"\0"):
                        found.append(int(name))
            except OSError:
                pass  # it has ended
        return found

    def command(self, *words, **options):
        """Run one of Postfix's commands with this configuration."""
        return subprocess.run([f"/usr/sbin/{words[0]}", "-c", self.config, *words[1:]], check=True, **options)

    def flush(self):
        """Try all that waits now."""
        self.command("postqueue", "-f")

    def waiting(self):
        """How many messages are in the queue."""
        count = 0
        for queue in QUEUES:
            for _, _, files in os.walk(self.queue / queue):
                count += len(files)
        return count

    def log(self):
        log = self.site.log("postfix")
        return log.read_text(errors="replace") if log.exists() else ""

"""One retraining address for all users: signatures that hold the number of their user, on each of the stores."""

import os
import re
import subprocess

import pytest

from daemon_site import Daemon, mail, program_is_missing, wait_for
from database import DRIVERS, Database
from store_server import IDENTIFIERS

SIGNATURE = re.compile(rb"^X-DSPAM-Signature: (\S+)\r?$", re.MULTILINE)
ORIGINAL = "6b0286a675352099110321"  # as DSPAM 3.10 makes them
RECORD = "3132333435363738" "01" + "00" * 7  # of one token


class Site(Daemon):
    """A daemon for mail servers and for our clients, and dspam beside it."""

    def __init__(self, driver, tmp_path, programs, start, free_port):
        super().__init__(tmp_path, programs, start, free_port, lambda home: Database(home, driver))
        self.driver = driver
        self.set_up()

    def set_up(self, *lines):
        host, port = self.address
        return self.configure(
            f"{IDENTIFIERS[self.driver]} on", "ServerMode auto", "ServerPass.Relay1 secret", "ClientIdent secret@Relay1",
            f"ClientHost {host}", f"ClientPort {port}", "UserLog on", "SystemLog on", "WebStats on", *lines)

    def run(self, program, *words, message=b""):
        command = [f"{self.programs}/{program}", "--config", os.fspath(self.path), *words]
        return subprocess.run(command, input=message, capture_output=True, check=False)

    def receive(self, user, number=0):
        """A message as it is delivered to its user, and its signature."""
        count = self.next_hop.count()
        assert self.deliver(mail(number), user)[0][0] == 250
        message = self.next_hop.messages(user)[-1]
        assert self.next_hop.count() == count + 1
        return message, SIGNATURE.search(message).group(1).decode()

    def uid(self, user):
        return self.store.query(f"SELECT uid FROM dspam_virtual_uids WHERE username = '{user}'")[0][0]

    def totals(self, user):
        return self.store.row_of(user, "spam_learned, innocent_learned, spam_misclassified, innocent_misclassified")

    def file(self, user, extension):
        path = self.home / "data" / user / f"{user}.{extension}"
        return path.read_text() if path.exists() else None


@pytest.fixture(scope="module", params=DRIVERS)
def driver(request):
    return request.param


@pytest.fixture
def site(driver, tmp_path, programs, start, free_port):
    if program_is_missing(programs):
        pytest.skip("the program dspam is not built")
    made = Site(driver, tmp_path, programs, start, free_port)
    made.next_hop.start()
    yield made
    made.next_hop.stop()
    if made.process is not None:
        made.process.stop()


def check_owner(site, user, signature, caller):
    """The lesson, and all that is written down about it, is the user's; the caller is not even known."""
    wait_for(lambda: "\tRetrained\t" in (site.file(user, "log") or ""), what="a line in the log of the user")
    assert site.totals(user) == (1, 0, 1, 0)
    line = site.file(user, "log").strip().splitlines()[-1].split("\t")
    assert (line[1], line[3]) == ("M", signature)
    system = (site.home / "system.log").read_text().strip().splitlines()[-1].split("\t")
    assert (system[1], system[3], system[6]) == ("M", signature, user)
    assert site.file(user, "stats").splitlines()[0].split(",")[2] == "1"
    assert not (site.home / "data" / caller).exists()
    assert site.store.query(f"SELECT count(*) FROM dspam_virtual_uids WHERE username = '{caller}'") == [(0,)]


def test_by_dspam_alone(site):
    site.start()
    message, signature = site.receive("alice")
    assert signature.startswith(f"{site.uid('alice')},") and len(signature) == 32
    site.receive("bob")
    answer = site.run("dspam", "--user", "reports", "--class=spam", "--source=error", message=message)
    assert (answer.returncode, answer.stderr) == (0, b"")
    check_owner(site, "alice", signature, "reports")
    assert site.totals("bob") == (0, 1, 0, 0)
    # and back, by the signature alone, with an answer
    answer = site.run("dspam", "--user", "bob", "--class=innocent", "--source=error", f"--signature={signature}",
                      "--deliver=summary")
    assert answer.stdout.startswith(b"X-DSPAM-Result: alice; ") and signature.encode() in answer.stdout
    assert site.totals("alice") == (0, 1, 1, 1)


def test_by_a_mail_server(site):
    """To: names the class; the address is a user whom nobody knows."""
    site.set_up("ParseToHeaders on", "ChangeModeOnParse on").start()
    message, signature = site.receive("alice")
    report = b"From: alice@example.org\nTo: <spam-all@example.org>\nSubject: Fwd\n\n" + message
    assert site.deliver(report, "spam-all@example.org")[0][0] == 250
    check_owner(site, "alice", signature, "spam-all@example.org")
    # ServerParameters wants lessons handed on, too: to whom they were sent
    assert len(site.next_hop.messages("spam-all@example.org")) == 1


def test_by_an_address_of_its_own(site):
    """A daemon that does nothing but take reports; what is no user's is refused."""
    site.start()
    message, signature = site.receive("alice")
    site.process.stop()
    site.path.write_text(re.sub("(?m)^ServerParameters.*$", 'ServerParameters "--class=spam --source=error --user reports"',
                                site.path.read_text()))
    site.start()
    assert site.deliver(message, "spam@example.org")[0][0] == 250
    check_owner(site, "alice", signature, "reports")
    unknown = message.replace(signature.encode(), f"{site.uid('alice')},0123456789abcdef".encode())
    code, text = site.deliver(unknown, "spam@example.org")[0]
    assert code == 554 and "Nothing is learned" in text
    assert site.totals("alice") == (1, 0, 1, 0)


def test_by_our_clients(site):
    site.start()
    message, signature = site.receive("alice")
    answer = site.run("dspamc", "--user", "reports", "--class=spam", "--source=error", message=message)
    assert (answer.returncode, answer.stderr) == (0, b"")
    check_owner(site, "alice", signature, "reports")
    answer = site.run("dspamc", "--user", "reports", "--class=innocent", "--source=error", "--deliver=summary",
                      f"--signature={signature}")
    assert answer.stdout.startswith(b"X-DSPAM-Result: alice; "), answer.stderr
    assert site.totals("alice") == (0, 1, 1, 1)


def test_signatures_of_the_original(site):
    """The original's rows: the id has the number in front, as the row has."""
    site.start()
    site.receive("alice")
    uid = site.uid("alice")
    blob = {"sqlite": f"X'{RECORD}'", "mysql": f"X'{RECORD}'", "pgsql": f"'\\x{RECORD}'::bytea"}[site.driver]
    # one from before the switch was turned on, which is found for its own user alone
    for signature in (f"{uid},{ORIGINAL}", ORIGINAL):
        site.store.query("INSERT INTO dspam_signature_data (uid, signature, data, length, created_on) VALUES"
                         f" ({uid}, '{signature}', {blob}, 16, {site.store.date(1)})")
    report = f"Subject: Fwd\n\n> !DSPAM:{uid},{ORIGINAL}!\n".encode()
    answer = site.run("dspam", "--user", "reports", "--class=spam", "--source=error", message=report)
    assert answer.stderr == b""
    assert site.totals("alice")[2] == 1
    old = ("--class=spam", "--source=error", f"--signature={ORIGINAL}")
    assert b"nothing is learned" in site.run("dspam", "--user", "reports", *old).stderr
    assert site.run("dspam", "--user", "alice", *old).stderr == b""
    assert site.totals("alice")[2] == 2


def test_quarantine_is_the_users(site):
    """Spam that somebody reports for inoculation lies with the user whose message it was."""
    site.start()
    message, _ = site.receive("alice")
    answer = site.run("dspam", "--user", "reports", "--class=spam", "--source=inoculation", message=message)
    assert answer.returncode == 0, answer.stderr
    assert site.file("alice", "mbox") is not None and site.file("reports", "mbox") is None

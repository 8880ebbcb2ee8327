"""The daemon in front of real servers: Dovecot's LMTP, and Postfix's smtp-sink by LMTP and by SMTP."""

import os
import pwd
import shutil
import subprocess

import pytest

import certificates
from conftest import listens
from daemon_site import Daemon, mail, number_of, program_is_missing, unmarked, wait_for

DOVECOT = """
base_dir = {D}/run
state_dir = {D}/state
log_path = {D}/dovecot.log
listen = 127.0.0.1
ssl = {SSL}
protocols = lmtp
default_internal_user = {INTERNAL}
default_login_user = {LOGIN}
default_internal_group = {GROUP}
mail_location = maildir:{D}/mail/%n
mail_uid = {MAIL}
mail_gid = {MAIL}
first_valid_uid = 1
first_valid_gid = 1
recipient_delimiter = +
lmtp_save_to_detail_mailbox = yes
lda_mailbox_autocreate = yes
passdb {{
  driver = static
  args = nopassword=y
}}
userdb {{
  driver = static
  args = uid={MAIL} gid={MAIL} home={D}/mail/%n allow_all_users=yes
}}
service anvil {{
  chroot =
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {PORT}
  }}
  inet_listener lmtps {{
    address = 127.0.0.1
    port = {TLS_PORT}
    ssl = yes
  }}
}}
ssl_cert = <{D}/server.pem
ssl_key = <{D}/server.key
"""


@pytest.fixture
def daemon(tmp_path, programs, start, free_port):
    if program_is_missing(programs):
        pytest.skip("the program dspam is not built")
    return Daemon(tmp_path, programs, start, free_port)


def has_user(name):
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


@pytest.fixture
def tls_port(free_port):
    """Where Dovecot speaks TLS from the first byte."""
    return free_port()


@pytest.fixture
def dovecot(daemon, start, tmp_path_factory, tls_port):
    """The directory of the mailboxes; certificates stand beside it."""
    program = shutil.which("dovecot", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None or not os.path.exists("/usr/lib/dovecot/lmtp"):
        pytest.skip("Dovecot's LMTP server is not installed (dovecot-lmtpd)")
    if os.getuid() != 0 or not all(has_user(name) for name in ("dovecot", "dovenull", "mail")):
        pytest.skip("Dovecot runs as root only, and needs the users dovecot, dovenull and mail")
    # Dovecot's users must get through, and the paths of its sockets are short
    directory = tmp_path_factory.mktemp("d")
    for parent in [directory, *directory.parents][:3]:
        parent.chmod(0o755)
    (directory / "mail").mkdir()
    shutil.chown(directory / "mail", "mail", "mail")
    has_openssl = shutil.which("openssl") is not None
    if has_openssl:
        certificates.make_all(directory)
    config = directory / "dovecot.conf"
    text = DOVECOT.format(D=directory, PORT=daemon.next_hop.address[1], TLS_PORT=tls_port, MAIL="mail",
                          INTERNAL="dovecot", LOGIN="dovenull", GROUP="dovecot", SSL="yes" if has_openssl else "no")
    if not has_openssl:
        text = text.replace("ssl_", "#ssl_").replace("ssl = yes", "ssl = no")
    config.write_text(text)
    start([program, "-F", "-c", config], listens_on=daemon.next_hop.address)
    knows = ["/usr/bin/doveadm", "-c", config, "user", "anna"]  # it listens before it knows its users
    wait_for(lambda: subprocess.run(knows, capture_output=True, check=False).returncode == 0, what="Dovecot's users")
    return directory / "mail"


def delivered(maildir):
    files = list(maildir.glob("new/*")) + list(maildir.glob("cur/*"))
    return [file.read_bytes().replace(b"\r\n", b"\n") for file in files]


def without_trace(message):
    """Without what Dovecot puts in front."""
    return message[message.index(b"From: Alice"):]


def test_dovecot_takes_what_we_hand_on(daemon, dovecot):
    daemon.start()
    for number in range(20):
        replies = daemon.deliver(mail(number), "anna@example.org", "bert+Lists@example.org")
        assert [code for code, _ in replies] == [250, 250]
    anna = delivered(dovecot / "anna")
    assert sorted(number_of(message) for message in anna) == list(range(20))
    assert all(b"\nX-DSPAM-Result: Innocent\n" in message for message in anna)
    by_number = {number_of(message): unmarked(without_trace(message)) for message in anna}
    assert by_number == {number: mail(number) for number in range(20)}
    assert len(delivered(dovecot / "bert" / ".Lists")) == 20
    assert daemon.learned("anna@example.org") == 20


@pytest.mark.parametrize("mode", ["starttls", "implicit"])
def test_dovecot_takes_it_over_tls(daemon, dovecot, tls_port, mode):
    directory = dovecot.parent
    if not (directory / "server.pem").exists():
        pytest.skip("the command openssl is not installed")
    port = [f"DeliveryPort.tls.example {tls_port}"] if mode == "implicit" else []
    lines = [f"DeliveryTLS.tls.example {mode}", f"DeliveryTLSCA {directory}/ca.pem", *port]
    daemon.configure(*lines).start("--debug")
    for number in range(5):
        replies = daemon.deliver(mail(number), "anna@tls.example", "bert@plain.example")
        assert [code for code, _ in replies] == [250, 250], (directory / "dovecot.log").read_text()
    anna = delivered(dovecot / "anna")
    assert sorted(number_of(message) for message in anna) == list(range(5))
    # Dovecot says in its Received header how it came
    assert all(b"(using TLSv1.3 with " in message and b"with LMTPS\n" in message for message in anna)
    assert not any(b"LMTPS" in message for message in delivered(dovecot / "bert"))
    # and a certificate that does not fit keeps the mail here
    daemon.configure(*lines, "DeliveryTLSName mx.example")
    daemon.reload()
    code, text = daemon.deliver(mail(9), "anna@tls.example")[0]
    assert code == 451 and "hostname mismatch" in text
    assert len(delivered(dovecot / "anna")) == 5


def test_dovecot_that_goes_down(daemon, dovecot):
    daemon.start()
    assert daemon.deliver(mail(1), "anna@example.org")[0][0] == 250
    config = dovecot.parent / "dovecot.conf"
    subprocess.run(["/usr/bin/doveadm", "-c", config, "stop"], check=True)
    wait_for(lambda: not listens(daemon.next_hop.address)(), what="the end of Dovecot")
    for _ in range(3):
        assert daemon.deliver(mail(2), "anna@example.org")[0][0] == 451
    assert daemon.learned("anna@example.org") == 1


@pytest.mark.parametrize("protocol", ["LMTP", "SMTP"])
def test_smtp_sink(daemon, start, protocol):
    sink = shutil.which("smtp-sink", path=f"{os.environ['PATH']}:/usr/sbin")
    if sink is None:
        pytest.skip("smtp-sink is not installed (postfix)")
    port = daemon.next_hop.address[1]
    out = daemon.directory / "sink"
    out.mkdir()
    # smtp-sink gives up root, and writes each message into a file of its own
    out.chmod(0o777)
    for parent in [out, *out.parents][:4]:
        parent.chmod(parent.stat().st_mode | 0o755)
    user = ["-u", "mail"] if os.getuid() == 0 else []
    mode = ["-L"] if protocol == "LMTP" else []
    start([sink, *mode, *user, "-d", f"{out}/m.", f"127.0.0.1:{port}", "100"], listens_on=daemon.next_hop.address)
    text = daemon.path.read_text().replace("DeliveryProto LMTP", f"DeliveryProto {protocol}")
    daemon.path.write_text(text)
    daemon.start()
    for number in range(10):
        assert [code for code, _ in daemon.deliver(mail(number), "u@example.org", "v@example.org")] == [250, 250]
    dumps = [file.read_bytes().replace(b"\r\n", b"\n") for file in out.iterdir()]
    assert len(dumps) == 20
    assert sorted(number_of(dump) for dump in dumps) == sorted([*range(10), *range(10)])
    assert all(unmarked(without_trace(dump)).strip() == mail(number_of(dump)).strip() for dump in dumps)


@pytest.mark.parametrize("answer, code", [
    ("-q DATA", 451), ("-q .", 451), ("-Q RCPT", 451), ("-r LHLO", 451), ("-r RCPT", 451), ("-r .", 451),
    ("-f MAIL", 550), ("-f RCPT", 550), ("-f DATA", 550), ("-f .", 550),
])
def test_smtp_sink_that_refuses(daemon, start, answer, code):
    sink = shutil.which("smtp-sink", path=f"{os.environ['PATH']}:/usr/sbin")
    if sink is None:
        pytest.skip("smtp-sink is not installed (postfix)")
    user = ["-u", "mail"] if os.getuid() == 0 else []
    start([sink, "-L", *user, *answer.split(), f"127.0.0.1:{daemon.next_hop.address[1]}", "100"],
          listens_on=daemon.next_hop.address)
    daemon.start()
    assert daemon.deliver(mail(), "u@example.org")[0][0] == code
    assert daemon.learned("u@example.org") == 0

"""What goes through the daemon: malformed mail unchanged but for our headers, and the configurations that sites bring."""

import os

import pytest

from database import sqlite_only
from daemon_site import Daemon, mail, program_is_missing, unmarked
from lmtp_peer import Client, wire

HEADERS = b"From: a@example.org\nTo: u@example.org\nSubject: odd\n"


def nested(levels, closed=True):
    """multipart in multipart."""
    lines = [HEADERS + b"MIME-Version: 1.0\n"]
    for level in range(levels):
        lines.append(b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (level, level))
    lines.append(b"Content-Type: text/plain\n\nthe kernel\n")
    if closed:
        lines += [b"--b%d--\n" % level for level in reversed(range(levels))]
    return b"".join(lines)


def parts(count):
    part = b"--x\nContent-Type: text/plain\n\npart\n"
    return HEADERS + b'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="x"\n\n' + count * part + b"--x--\n"


MALFORMED = {
    "no body": HEADERS + b"\n",
    "no end of headers": HEADERS,
    "only a line": b"hello\n",
    "empty lines": b"\n\n\n",
    "NUL": HEADERS + b"\nbefore\0after\n\0\n",
    "NUL in a header": HEADERS + b"X-Odd: a\0b\n\nbody\n",
    "bare CR": HEADERS + b"\none\rtwo\r\rthree\n",
    "8-bit": HEADERS + b"X-Odd: \xe4\xf6\xfc\n\nGr\xfc\xdfe \xff\xfe\n",
    "dots": HEADERS + b"\n.\n..\n.from\n...\n",
    "long line": HEADERS + b"\n" + b"x" * (2 << 20) + b"\n",
    "long header": HEADERS + b"X-Long: " + b"y" * (2 << 20) + b"\n\nbody\n",
    "many headers": HEADERS + b"".join(b"X-H%d: v\n" % i for i in range(20000)) + b"\nbody\n",
    "many parts": parts(10000),
    "nested": nested(200),
    "truncated multipart": nested(3, closed=False),
    "boundary without end": HEADERS + b'Content-Type: multipart/mixed; boundary="\n\nbody\n',
    "endless base64": HEADERS + b"Content-Transfer-Encoding: base64\n\n" + b"QUJD" * (1 << 18),
    "wrong charset": HEADERS + b'Content-Type: text/html; charset="no-such-thing"\n\n<b>\x80\x81</b>\n',
    "From line": b"From someone Mon Jan  6 10:15:00 2025\n" + HEADERS + b"\nbody\nFrom here on\n",
    "folded nothing": b" begins with a fold\n" + HEADERS + b"\nbody\n",
}


@pytest.fixture
def daemon(tmp_path, programs, start, free_port):
    if program_is_missing(programs):
        pytest.skip("the program dspam is not built")
    site = Daemon(tmp_path, programs, start, free_port)
    site.next_hop.start()
    yield site
    site.next_hop.stop()


def same_but_for_marks(delivered, sent):
    """Our headers may need the empty line behind them, and the last line gets its end; nothing else changes."""
    sent = sent if sent.endswith(b"\n") else sent + b"\n"
    plain = unmarked(delivered)
    return plain == sent or plain.replace(b"\n\n", b"\n", 1) == sent or plain.lstrip(b"\n") == sent.lstrip(b"\n")


def test_malformed_mail_passes(daemon):
    """One daemon for all of it: what one message breaks, the next ones show."""
    daemon.start()
    for name, message in MALFORMED.items():
        before = len(daemon.next_hop.messages("u"))
        assert daemon.deliver(message, "u") == [(250, "2.6.0 <u> Message accepted for delivery")], name
        (delivered,) = daemon.next_hop.messages("u")[before:]
        assert same_but_for_marks(delivered, message), name
    assert daemon.process.stop() == 0, daemon.log()


def test_an_empty_message_is_answered(daemon):
    daemon.start()
    with daemon.client() as client:
        client.begin(["u"])
        client.send(b".\r\n")
        assert client.reply()[0] in (250, 554)
        assert client.say("NOOP")[0] == 250


@pytest.mark.parametrize("end", [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r", b"\r\n\0.\r\n"])
def test_only_one_sequence_ends_a_message(daemon, end):
    """What another program might take for the end of a message must not smuggle in a second one."""
    daemon.start()
    smuggled = b"MAIL FROM:<evil@example.org>\r\nRCPT TO:<victim>\r\nDATA\r\nSubject: smuggled\r\n\r\nx"
    with daemon.client() as client:
        client.begin(["u"])
        client.send(b"Subject: outer\r\n\r\nbody" + end + smuggled + b"\r\n.\r\n")
        assert client.reply()[0] == 250
        assert client.say("QUIT")[0] == 221
    assert daemon.next_hop.count() == 1
    assert daemon.next_hop.messages("victim") == []
    assert b"Subject: smuggled" in daemon.next_hop.messages("u")[0]


def test_a_message_that_is_too_large_is_refused(daemon):
    daemon.start()
    with daemon.client() as client:
        code, text = client.say(f"MAIL FROM:<> SIZE={1 << 40}")
        assert code == 552 and text.startswith("5.3.4")
        assert client.say("NOOP")[0] == 250


def test_spam_is_marked_and_corrected(daemon):
    """What is taught by the signature in a delivered message changes the verdict on the next one."""
    daemon.start()
    offers = b"Buy cheap watches now! Best prices, order today, click here.\n"
    for i in range(15):
        assert daemon.deliver(mail(i, offers), "u")[0][0] == 250
    retrain = Daemon.__new__(Daemon)  # only to write a second configuration, for teaching
    retrain.__dict__.update(daemon.__dict__)
    retrain.path = daemon.directory / "retrain.conf"
    retrain.configure('ServerParameters "--class=spam --source=error"')
    for i, delivered in enumerate(daemon.next_hop.messages("u")):
        before = daemon.next_hop.count()
        daemon.path.write_text(retrain.path.read_text())
        if i == 0:
            daemon.reload()
        assert daemon.deliver(delivered, "u")[0][0] == 250
        assert daemon.next_hop.count() == before  # a correction is not delivered
    daemon.configure()
    daemon.reload()
    assert daemon.deliver(mail(99, offers), "u")[0][0] == 250
    assert b"\nX-DSPAM-Result: Spam\n" in daemon.next_hop.messages("u")[-1]


# ---- the configurations of the how-tos ---------------------------------------------------------------------------------


def how_to(root, year):
    path = f"{root}/tests/data/config/{year}.conf"
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        return file.read()


@sqlite_only("it names a server of its own")
def test_the_configuration_of_2006(daemon, root):
    daemon.configure("ServerMode standard", base=how_to(root, 2006)).start()
    assert daemon.deliver(mail(), "u")[0][0] == 250
    (delivered,) = daemon.next_hop.messages("u")
    assert b"\nX-DSPAM-Factors:" in delivered
    assert b"\n!DSPAM:" in delivered  # the signature stands in the text


@sqlite_only("it names a server of its own")
def test_the_configuration_of_2017(daemon, root):
    # TrustedDeliveryAgent is there too; DeliveryHost is what the how-to delivers by
    daemon.configure(base=how_to(root, 2017)).start()
    assert daemon.deliver(mail(), "Anna+Notes@Example.org")[0][0] == 250
    assert daemon.next_hop.mails[0].recipient == "Anna+Notes@Example.org"
    (delivered,) = daemon.next_hop.messages("Anna+Notes@Example.org")
    assert b"\nX-DSPAM-Signature: " in delivered
    assert unmarked(delivered) == mail()
    with Client(daemon.address, greet=False) as client:
        client.reply()
        client.send("LHLO x\r\n")
        assert client.file.readline() == b"250-mx.cryptomonkeys.com\r\n"


# ---- many recipients, much mail -------------------------------------------------------------------------------------------


@pytest.mark.seconds(300)
def test_memory_does_not_grow_with_the_number_of_messages(daemon, corpus):
    daemon.start()
    files = [line.split(None, 1)[1].strip() for line in open(os.path.join(corpus, "index"), encoding="utf-8")][:600]
    with daemon.client() as client:
        for number, name in enumerate(files):
            with open(os.path.join(corpus, name), "rb") as file:
                message = file.read()
            client.begin(["u"])
            client.send(wire(message))
            assert client.reply()[0] == 250, name
            if number == 300:
                before = daemon.memory("VmRSS")
    assert daemon.memory("VmRSS") < before * 1.5 + (16 << 20)
    assert daemon.next_hop.count() == len(files)

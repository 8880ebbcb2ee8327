"""One message stays one message: what some program might take for its end goes in, and cannot be taken for it behind us."""

import re

import pytest

from daemon_site import Daemon, program_is_missing
from lmtp_peer import Client

# In front of a second message that must stay part of the first. Only CR LF . CR LF is an end.
ENDS = [
    b"\n.\n", b"\n.\r\n", b"\n.\r", b"\r\n.\n", b"\r\n.\r", b"\r.\r", b"\r.\n", b"\r.\r\n",
    b"\r\n\0.\r\n", b"\r\n.\0\r\n", b"\n\0.\n", b"\n.\0\n", b"\r\0\n.\r\n", b"\r\n.\r\0\n", b"\r\0.\r", b"\r.\0\r",
    b"\r\n.\r\r\n", b"\n\r.\r\n", b"\r\n\r.\r\n", b"\n.\n\r", b"\r\n..\r\n", b"\n..\n", b"\r\n .\r\n", b"\x85.\x85",
]
SMUGGLED = b"MAIL FROM:<evil@example.org>\r\nRCPT TO:<victim>\r\nDATA\r\nSubject: smuggled\r\n\r\nx"

# How careless receivers see lines. None of them may find a lone dot, nor a command behind one.
READERS = {
    "CR LF": lambda data: data.split(b"\r\n"),
    "LF, with or without CR": lambda data: re.split(rb"\r?\n", data),
    "LF, with any number of CR": lambda data: re.split(rb"\r*\n", data),
    "CR, LF, or both": lambda data: re.split(rb"\r\n|\r|\n", data),
    "CR LF, NUL dropped": lambda data: data.replace(b"\0", b"").split(b"\r\n"),
    "LF, NUL dropped": lambda data: re.split(rb"\r?\n", data.replace(b"\0", b"")),
    "CR, LF, or both, NUL dropped": lambda data: re.split(rb"\r\n|\r|\n", data.replace(b"\0", b"")),
    "CR dropped": lambda data: data.replace(b"\r", b"").split(b"\n"),
}


@pytest.fixture(params=["LMTP", "SMTP"])
def daemon(request, tmp_path, programs, start, free_port):
    if program_is_missing(programs):
        pytest.skip("the program dspam is not built")
    site = Daemon(tmp_path, programs, start, free_port)
    site.next_hop.smtp = request.param == "SMTP"
    site.path.write_text(site.path.read_text().replace("DeliveryProto LMTP", f"DeliveryProto {request.param}"))
    site.next_hop.start()
    yield site.start()
    site.next_hop.stop()


@pytest.mark.parametrize("end", ENDS, ids=lambda end: repr(end)[2:-1])
def test_one_stays_one(daemon, end):
    with Client(daemon.address) as client:
        client.begin(["u"])
        client.send(b"Subject: outer\r\n\r\nbody" + end + SMUGGLED + b"\r\n.\r\n")
        assert client.reply()[0] == 250
        assert client.say("QUIT")[0] == 221  # no second answer was waiting
    (raw,) = daemon.next_hop.raw
    assert b"Subject: smuggled" in raw
    assert daemon.next_hop.count() == 1 and daemon.next_hop.messages("victim") == []
    for name, read in READERS.items():
        assert b"." not in read(raw), name


def test_the_readers_find_what_they_look_for():
    """A lone dot that is there is seen; otherwise the test above could not fail."""
    seen = {end for end in ENDS for read in READERS.values() if b"." in read(b"body" + end + b"x")}
    assert len(seen) >= len(ENDS) - 5, set(ENDS) - seen

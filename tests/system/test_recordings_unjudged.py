"""The recordings of DSPAM 3.10 about mail that is not judged, replayed."""

from original_site import INBOUND, original  # noqa: F401 (a fixture)
from recording import SECOND, expected


def test_opting(original):
    original.teach("q7")
    original.configure("Opt in")
    ours = original.run("--user", "q7", *INBOUND, mail=original.message("test-spam")).stdout
    message, rest = SECOND["optout/optin"].split("\nrc=0\n")
    assert ours == original.message("test-spam") and ours.decode().startswith(message)
    assert original.read("q7", "log").count("Claim") == 0 and original.read("q7", "mbox") == ""
    # without --deliver=innocent: nothing came out of the original, all of the message comes from us
    assert rest.splitlines()[1] == "0"
    assert original.run("--user", "q7", "--deliver=spam", "--stdout", mail=ours).stdout == ours
    expected("0\n", "opted out is delivered")


def test_size(original):
    original.configure("MaxMessageSize 100")
    recorded = SECOND["max size"].splitlines()
    assert recorded == ["0", "classify rc 0", "rc=0"]
    assert original.say("--user", "q8", "--classify", name="test-ham") == "rc=0\n"
    mail = original.message("test-ham")
    assert original.run("--user", "q8", *INBOUND, mail=mail).stdout == mail
    expected("0\n", "opted out is delivered")

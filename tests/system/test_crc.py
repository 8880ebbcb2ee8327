"""dspam_crc: tokens and their numbers."""

from tool_site import site  # noqa: F401 (a fixture)


def test_crc(site):
    assert site.good("dspam_crc", "Hello") == "TOKEN: 'Hello' CRC: 6035123792198500352\n"
    assert site.good("dspam_crc", "abc", "def") == "TOKEN: 'abc' CRC: 6379695974247301120\n"
    answer = site.run("dspam_crc")
    assert (answer.returncode, answer.stderr) == (64, "syntax: dspam_crc [token]\n")

"""A daemon with TLS, and a client that believes its certificate."""

import ssl

import pytest

from daemon_site import Daemon, program_is_missing
from lmtp_peer import Client


@pytest.fixture
def daemon(tmp_path, programs, start, free_port, pem):
    if program_is_missing(programs):
        pytest.skip("the program dspam is not built")
    site = Daemon(tmp_path, programs, start, free_port)
    site.tls_address = ("127.0.0.1", free_port())
    site.tls_lines = [f"ServerTLSCertificate {pem('server.pem')}", f"ServerTLSKey {pem('server.key')}"]
    site.next_hop.start()
    yield site
    site.next_hop.stop()


def believing(pem, certificate=None, ca="ca.pem"):
    """A client's context."""
    context = ssl.create_default_context(cafile=pem(ca))
    if certificate is not None:
        context.load_cert_chain(pem(f"{certificate}.pem"), pem(f"{certificate}.key"))
    return context


class TLSClient(Client):
    """The same client with TLS, from the first byte or after STARTTLS."""

    def __init__(self, address, context, starttls=False):
        super().__init__(address, greet=False)
        self.context = context
        if starttls:
            self.greeting = self.reply()
            self.say("LHLO client.example")
            assert self.say("STARTTLS")[0] == 220
        self.secure()
        if not starttls:
            self.greeting = self.reply()
        assert self.say("LHLO client.example")[0] == 250

    def secure(self):
        self.file.close()
        self.socket = self.context.wrap_socket(self.socket, server_hostname="localhost")
        self.file = self.socket.makefile("rb")

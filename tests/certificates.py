#!/usr/bin/python3
"""Make the certificates that tests of TLS need, with the openssl command: tests/certificates.py DIRECTORY

    ca.pem          whom everybody believes            other-ca.pem   another one
    server.pem      localhost, 127.0.0.1, ::1          client.pem     client.example, of ca.pem
    renewed.pem     the same once more, as after a renewal, with another serial number
    expired.pem     has ended                          wrong-name.pem for mx.example
    stranger.pem    localhost, but of other-ca.pem     chain.pem      localhost, by way of an intermediate CA
    combined.pem    server.pem and its key             locked.key     server.key behind a passphrase

The key of NAME.pem is NAME.key.
"""

import os
import subprocess
import sys

LOCAL = "DNS:localhost,IP:127.0.0.1,IP:::1"
CONFIG = """
[ca]
default_ca = own
[own]
database = {0}/index.txt
new_certs_dir = {0}
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
copy_extensions = none
[any]
commonName = supplied
"""


def openssl(directory, *words):
    run = subprocess.run(["openssl", *words], cwd=directory, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise RuntimeError(f"openssl {' '.join(words)}: {run.stderr}")


def make_key(directory, name):
    openssl(directory, "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", f"{name}.key")
    os.chmod(os.path.join(directory, f"{name}.key"), 0o600)


def make_ca(directory, name):
    make_key(directory, name)
    openssl(directory, "req", "-x509", "-new", "-key", f"{name}.key", "-subj", f"/CN=Test {name}", "-days", "3650",
            "-addext", "basicConstraints=critical,CA:true", "-out", f"{name}.pem")


def make(directory, name, subject, extensions, issuer="ca", dates=("20200101000000Z", "20491231235959Z")):
    """A certificate NAME.pem with NAME.key, for `subject`, by `issuer`."""
    make_key(directory, name)
    with open(os.path.join(directory, "extensions"), "w", encoding="ascii") as file:
        file.write(extensions + "\n")
    openssl(directory, "req", "-new", "-key", f"{name}.key", "-subj", f"/CN={subject}", "-out", f"{name}.csr")
    openssl(directory, "ca", "-batch", "-notext", "-config", "config", "-keyfile", f"{issuer}.key", "-cert",
            f"{issuer}.pem", "-in", f"{name}.csr", "-out", f"{name}.pem", "-startdate", dates[0], "-enddate", dates[1],
            "-extfile", "extensions")


def join(directory, name, *parts):
    with open(os.path.join(directory, name), "w", encoding="ascii") as whole:
        for part in parts:
            with open(os.path.join(directory, part), encoding="ascii") as file:
                whole.write(file.read())
    os.chmod(os.path.join(directory, name), 0o600)


def make_all(directory):
    directory = os.fspath(directory)
    with open(os.path.join(directory, "config"), "w", encoding="ascii") as config:
        config.write(CONFIG.format(directory))
    with open(os.path.join(directory, "index.txt"), "w", encoding="ascii"):
        pass
    server = f"subjectAltName={LOCAL}"
    make_ca(directory, "ca")
    make_ca(directory, "other-ca")
    make(directory, "server", "localhost", server)
    make(directory, "renewed", "localhost", server)
    make(directory, "client", "client.example", "extendedKeyUsage=clientAuth")
    make(directory, "expired", "localhost", server, dates=("20200101000000Z", "20210101000000Z"))
    make(directory, "wrong-name", "mx.example", "subjectAltName=DNS:mx.example")
    make(directory, "stranger", "localhost", server, issuer="other-ca")
    make(directory, "middle", "Test middle", "basicConstraints=critical,CA:true")
    make(directory, "leaf", "localhost", server, issuer="middle")
    join(directory, "chain.pem", "leaf.pem", "middle.pem")
    join(directory, "chain.key", "leaf.key")
    join(directory, "combined.pem", "server.pem", "server.key")
    join(directory, "expired-combined.pem", "expired.pem", "expired.key")
    openssl(directory, "pkey", "-in", "server.key", "-aes256", "-passout", "pass:secret", "-out", "locked.key")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: tests/certificates.py DIRECTORY")
    make_all(sys.argv[1])

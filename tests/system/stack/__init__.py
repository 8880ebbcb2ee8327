"""
A mail server for tests: real Postfix, Dovecot and clamd around our programs, in one short directory and on loopback ports.

    site.py      the directory, the ports, and the user that stands in for `vmail`
    server.py    a server in the foreground, with a session of its own; ended, paused and killed by process id
    postfix.py   dovecot.py   clamd.py   dspam.py       the servers
    page.py      the configurations in docs/postfix-dovecot.md
    ledger.py    which message was accepted, and how often, where and how changed it arrived
    traffic.py   clients that send mail
    stack.py     all of them together

Postfix and Dovecot run as root only; where they cannot, tests are skipped with a word.
"""

#!/usr/bin/python3
"""
sendmail -i -f SENDER -- RECIPIENT...: hand a message back to Postfix, at the port that filters no more.

Postfix's own sendmail serves only the instance of the machine: postdrop refuses other configurations.
"""

import re
import smtplib
import sys


def main():
    arguments = sys.argv[1:]
    sender = arguments[arguments.index("-f") + 1]
    recipients = arguments[arguments.index("--") + 1:]
    message = re.sub(rb"\r?\n", b"\r\n", sys.stdin.buffer.read())
    try:
        with smtplib.SMTP("127.0.0.1", 10025, timeout=60) as smtp:
            smtp.ehlo("localhost")
            refused = smtp.sendmail(sender, recipients, message)
    except (OSError, smtplib.SMTPException) as error:
        print(f"sendmail: {error}", file=sys.stderr)
        return 75
    return 75 if refused else 0


sys.exit(main())

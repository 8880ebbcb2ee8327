"""Whether a message is what was sent, but for texts that were put into it."""

import email
import email.policy


def leaves(message):
    """[(type, headers but for the coding, decoded content)] of the parts that hold content."""
    parsed = email.message_from_bytes(message, policy=email.policy.compat32)
    return [(part.get_content_type(), part.get_payload(decode=True) or b"") for part in parsed.walk()
            if not part.is_multipart()]


def has_coded_text(message):
    """Whether a text is base64, which is coded anew with what is added, so that its lines differ."""
    parsed = email.message_from_bytes(message, policy=email.policy.compat32)
    return any(part.get_content_maintype() == "text" and str(part.get("content-transfer-encoding", "")).strip().lower() == "base64"
               for part in parsed.walk())


def without(additions):
    """
    A function that says whether `delivered` without what the pattern `additions` finds is `sent`: byte by byte; where a text is
    coded in base64 its content.
    """

    def same(delivered, sent):
        if additions.sub(b"", delivered) == sent:
            return True
        if not has_coded_text(sent):
            return False
        pairs = list(zip(leaves(delivered), leaves(sent), strict=True))
        return all(one[0] == other[0] and additions.sub(b"", one[1].replace(b"\r\n", b"\n")).rstrip() ==
                   additions.sub(b"", other[1].replace(b"\r\n", b"\n")).rstrip() for one, other in pairs)

    return same

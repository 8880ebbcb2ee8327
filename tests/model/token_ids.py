"""The 64 bit ids of tokens (tokenizer.md 4)."""

_MASK64 = (1 << 64) - 1


def _crc_entry(byte):
    """One entry of the CRC table: eight single bit steps."""
    value = byte
    for _ in range(8):
        value = (value >> 1) ^ 0xD800000000000000 if value & 1 else value >> 1
    return value


CRC_TABLE = tuple(_crc_entry(byte) for byte in range(256))


def token_id_bytewise(text):
    """The id of a token, exactly as the definition says: byte by byte."""
    crc = 0
    for byte in text:
        crc = (crc >> 8) ^ CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc


# The polynomial is x^64 + x^4 + x^3 + x + 1, so eight bytes can be taken at
# once: multiplying by x^64 is multiplying by x^4 + x^3 + x + 1, which are
# right shifts in this reflected form.  The up to four bits which the shifts
# push out at the low end are reduced once more, from this table.

def _overflow_entry(low_bits):
    """What the bits shifted out of a word with these low bits add to it."""
    value = 0
    for shift in (1, 3, 4):
        out = (low_bits & ((1 << shift) - 1)) << (64 - shift)
        for back in (0, 1, 3, 4):
            value ^= out >> back
    return value


_OVERFLOW = tuple(_overflow_entry(low_bits) for low_bits in range(16))


def token_id(text):
    """The 64 bit id of a token (same result as token_id_bytewise, faster)."""
    crc = 0
    full = len(text) & ~7
    for start in range(0, full, 8):
        crc ^= int.from_bytes(text[start:start + 8], "little")
        crc = crc ^ crc >> 1 ^ crc >> 3 ^ crc >> 4 ^ _OVERFLOW[crc & 15]
    rest = len(text) - full
    if rest:
        bits = 8 * rest
        crc ^= int.from_bytes(text[full:], "little")
        low = crc << (64 - bits) & _MASK64
        low = low ^ low >> 1 ^ low >> 3 ^ low >> 4 ^ _OVERFLOW[low & 15]
        crc = crc >> bits ^ low
    return crc

"""A far end that means harm: it knows T.38 and T.30, and breaks them where it hurts."""

import random

# Bit order of the wire is reversed (T.30 sends the lowest bit first, T.38 the highest).
_REVERSED = bytes(int(f"{octet:08b}"[::-1], 2) for octet in range(256))
_FACSIMILE_CONTROL_FIELDS = bytes.fromhex(
    "80 40 20 81 41 21 c1 a1 61 82 83 42 43 22 c2 a2 12 13 62 e2 84 85 44 c4 24 8e 8f 4e 2e 2f 9e 5e 3e 1e be bf ce 6e"
    "8c cc 4c ac 2c bc ec 1c fc fa fb 1a ca ea 6a 06 86 00 ff"
)
# T.6 code words that cost a decoder most, as bits: whole rows by vertical 0 alone, rows of runs without length by
# horizontal mode, passes without end.
EMPTY_RUNS = "001" + "00110101" + "0000110111"
WORST_IMAGES = ("1", EMPTY_RUNS, "0001", "000000000001", "0000001", "10")


def frame(dice: random.Random) -> bytes:
    """An HDLC frame without its check sequence, in the order of the wire."""
    header = bytes((0xFF, dice.choice((0x03, 0x13, 0x13, dice.randrange(256)))))
    length = dice.choice((0, 1, 2, 3, 4, 5, 7, 10, 18, 20, 30, 32, 33, 60, 200, 256, 257, 258, 300))
    return (header + bytes((dice.choice(_FACSIMILE_CONTROL_FIELDS),)) + dice.randbytes(length)).translate(_REVERSED)


def _field(kind: int, octets: bytes) -> bytes:
    if not octets:
        return bytes((kind << 4,))
    return bytes((0x80 | kind << 4,)) + (len(octets) - 1).to_bytes(2, "big") + octets


def ifp(dice: random.Random) -> bytes:
    """An IFP packet that spandsp's own parser would take."""
    if dice.random() < 0.15:
        return bytes((dice.randrange(32) << 1,))
    kind = dice.choice((0, 0, 0, dice.randrange(16)))
    fields = []
    for _ in range(dice.randrange(1, 5)):
        field = dice.randrange(8)
        fields.append(
            _field(field, frame(dice) if field < 6 and dice.random() < 0.7 else dice.randbytes(dice.randrange(60)))
        )
    if dice.random() < 0.5:
        fields = [_field(0, frame(dice)), _field(dice.choice((2, 4)), b"")]
    return bytes((0xC0 | kind << 1, len(fields))) + b"".join(fields)


def _open_type(octets: bytes) -> bytes:
    length = len(octets)
    return (bytes((length,)) if length < 128 else (0x8000 | length).to_bytes(2, "big")) + octets


def v21_datagram(sequence: int, octets: bytes) -> bytes:
    """A UDPTL datagram with one good T.30 frame, given as T.30 writes it."""
    packet = bytes((0xC0, 2)) + _field(0, octets.translate(_REVERSED)) + _field(4, b"")
    return sequence.to_bytes(2, "big") + _open_type(packet) + b"\x00\x00"


class HostileFarEnd:
    """Spoils ``share`` of the datagrams that pass through it."""

    def __init__(self, seed: int, share: float) -> None:
        self.dice = random.Random(seed)
        self.share = share

    def __call__(self, octets: bytes) -> bytes:
        if self.dice.random() >= self.share:
            return octets
        harm = self.dice.choice(
            (self._flip, self._cut, self._replace, self._replace, self._spoil_image, self._spoil_image)
        )
        return harm(octets)

    def _flip(self, octets: bytes) -> bytes:
        spoiled = bytearray(octets)
        for _ in range(self.dice.randrange(1, 6)):
            spoiled[self.dice.randrange(len(spoiled))] ^= 1 << self.dice.randrange(8)
        return bytes(spoiled)

    def _cut(self, octets: bytes) -> bytes:
        return octets[: self.dice.randrange(len(octets))]

    def _replace(self, octets: bytes) -> bytes:
        return octets[:2] + _open_type(ifp(self.dice)) + b"\x00\x00"

    def _spoil_image(self, octets: bytes) -> bytes:
        """What looks like 40 octets of image becomes something else of the same length."""
        if len(octets) < 60:
            return octets
        return octets[:12] + self.dice.randbytes(40) + octets[52:]


class ImageForger:
    """Lets a true sender's fax pass, but for its image: that becomes one code word, over and over."""

    def __init__(self, word: str) -> None:
        self._cycle = int(word * 8, 2).to_bytes(len(word), "big")
        self._at = 0
        self._before = 0

    def __call__(self, octets: bytes) -> bytes:
        start = 3 if octets[2] < 128 else 4
        length = octets[2] if start == 3 else int.from_bytes(octets[2:4], "big") & 0x3FFF
        packet = bytearray(octets[start : start + length])
        if packet[0] & 0xC0 == 0xC0 and packet[0] >> 1 & 0x0F:
            self._forge_image(packet)
        return octets[:2] + _open_type(bytes(packet)) + b"\x00\x00"

    def _forge_image(self, packet: bytearray) -> None:
        kind = packet[2] >> 4 & 7
        if not packet[2] & 0x80:
            self._before = 0  # a frame's end, or the image's
            return
        size = int.from_bytes(packet[3:5], "big") + 1
        if kind == 0:
            keep = max(0, 4 - self._before)  # the header of an ECM frame
        elif any(packet[5 : 5 + size]):
            keep = max(0, 10 - self._before)  # the first end of line
        else:
            return  # the training check is all zeros
        packet[5 + keep : 5 + size] = self._forge(size - keep)
        self._before = 0 if packet[1] > 1 else self._before + size

    def _forge(self, size: int) -> bytes:
        forged = bytes(self._cycle[(self._at + i) % len(self._cycle)] for i in range(max(size, 0)))
        self._at += len(forged)
        return forged

"""Which stream of an offer a fax call takes, and what it says to it: pure, for both ends of a call."""

from dataclasses import dataclass

from caselli.line.sip.address import SocketAddress
from caselli.line.sip.sdp import (
    T38,
    Correction,
    LocalDescription,
    Media,
    Sdp,
    audio_media,
    image_media,
    mirrored,
)

OUR_MAX_DATAGRAM = 400
"""Bytes; small enough for those who read it as the size of one IFP packet."""

REDUNDANCY = 3


@dataclass(frozen=True, slots=True)
class Stream:
    """The far end's side of a stream we take. ``payload`` for audio, ``t38`` for an image."""

    media: Media
    far: SocketAddress
    payload: int = 0
    t38: T38 | None = None

    def like(self, other: "Stream") -> bool:
        """The same far end in the same way: nothing to change for the media session."""
        return (self.far, self.payload, self.t38 is None) == (other.far, other.payload, other.t38 is None)

    @property
    def redundancy(self) -> int:
        """How many earlier packets ride along (UDPTL). A peer that says nothing of it can skip them."""
        return 0 if self.t38 is not None and self.t38.correction is Correction.NONE else REDUNDANCY

    @property
    def max_datagram(self) -> int:
        """The peer's limit; one it did not name, or cannot mean, is taken for ours."""
        said = self.t38.max_datagram if self.t38 is not None else 0
        return said if said >= 40 else OUR_MAX_DATAGRAM


def choose(sdp: Sdp, *, t38: bool) -> Stream | None:
    """The stream to take of an offer, or the one that an answer has left: the image where we may, else G.711."""
    image = sdp.image
    if image is not None and t38:
        return Stream(image, sdp.address(image), t38=image.t38)
    audio = sdp.audio
    if audio is None or audio.payload is None:
        return None
    return Stream(audio, sdp.address(audio), payload=audio.payload)


def answer(local: LocalDescription, offer: Sdp, stream: Stream, port: int, max_rate: int) -> Sdp:
    """Our answer, at our ``port``: version 0, the lesser bit rate, and transferredTCF, as UDP needs."""
    if stream.t38 is None:
        direction = mirrored(offer.direction_of(stream.media))
        return local.answer(offer, stream.media, audio_media(port, (stream.payload,), direction))
    agreed = T38(
        max_bit_rate=min(max_rate, stream.t38.max_bit_rate) or max_rate,
        max_datagram=OUR_MAX_DATAGRAM,
        correction=Correction.NONE if stream.t38.correction is Correction.NONE else Correction.REDUNDANCY,
    )
    return local.answer(offer, stream.media, image_media(port, agreed))


def t38_offer(local: LocalDescription, port: int, max_rate: int) -> Sdp:
    return local.offer(image_media(port, T38(max_bit_rate=max_rate, max_datagram=OUR_MAX_DATAGRAM)))


def audio_offer(local: LocalDescription, port: int) -> Sdp:
    return local.offer(audio_media(port))

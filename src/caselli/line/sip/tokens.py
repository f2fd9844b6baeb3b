"""Names that nobody must be able to guess or to meet twice: tags, branches, Call-IDs, nonces."""

import random
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Tokens:
    """``source``: the system's randomness, or a seeded one where a call must run the same way again."""

    source: random.Random = field(default_factory=random.SystemRandom)

    def hex(self, octets: int) -> str:
        return self.source.randbytes(octets).hex()

    def tag(self) -> str:
        return self.hex(8)

    def branch(self) -> str:
        """8.1.1.7: the cookie says that it is unique in space and time."""
        return f"z9hG4bK{self.hex(10)}"

    def call_id(self) -> str:
        return self.hex(16)

    def uniform(self, low: float, high: float) -> float:
        return self.source.uniform(low, high)

"""What a name may hold: of extensions, people, organizations, trunks, keys, apps and webhooks. Pure."""

import unicodedata

_BREAKS = frozenset("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")
_JOINERS = frozenset("\u200c\u200d")
"""They join and part the letters of Persian and of the scripts of India, and the parts of emoji."""
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def wrong_with_name(name: str, called: str = "The name") -> str:
    """What is wrong with it and what to do, or nothing. ``called``: what people call the field.

    A line break would forge a line in lists, mails and logs; what cannot be seen makes one name look like another, and
    the signs that turn the direction of writing (U+202A to U+202E, U+2066 to U+2069) turn what stands behind them too.
    """
    for letter in name:
        if letter in _BREAKS:
            return f"{called} has a line break in it. Write it in one line."
        if unicodedata.category(letter) in _UNSEEN and letter not in _JOINERS:
            return f"{called} has a character in it that cannot be seen ({_code(letter)}). Take it out."
    if name.strip() and not set(name) - _JOINERS - {" "}:
        return f"{called} has nothing in it that can be seen. Write letters or digits."
    return ""


def _code(letter: str) -> str:
    called = {"\0": "NUL", "\t": "a tab"}.get(letter) or unicodedata.name(letter, "").lower()
    return f"U+{ord(letter):04X}" + (f", {called}" if called else "")

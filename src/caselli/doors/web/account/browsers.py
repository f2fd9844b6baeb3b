"""What a browser says it is, in two words."""

import re

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox|FxiOS", "Firefox"),
    ("Chrome|CriOS", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X|Macintosh", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
UNKNOWN = "A browser that does not say what it is"


def in_words(agent: str) -> str:
    """``Firefox on Linux``. The more particular name comes first in the tables: each pretends to be the later ones."""
    browser = next((name for mark, name in _BROWSERS if re.search(mark, agent)), "")
    system = next((name for mark, name in _SYSTEMS if re.search(mark, agent)), "")
    if not browser:
        return agent.partition("/")[0][:40] or UNKNOWN
    return f"{browser} on {system}" if system else browser

"""What an operator can set is written down."""

import re
from pathlib import Path


def test_every_variable_of_the_environment_is_explained(root: Path):
    read = set(re.findall(r'"(CASELLI_[A-Z_]+)"', (root / "src/caselli/project/configuration.py").read_text()))
    told = "\n".join(page.read_text() for page in (root / "docs").rglob("*.md"))
    assert read
    assert [name for name in sorted(read) if not re.search(rf"\b{name}\b", told)] == []

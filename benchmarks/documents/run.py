"""PDF to fax pages, through convert(), beside Ghostscript's tiffg4 in the same run.

    .venv/bin/python benchmarks/documents/run.py [--pairs 15] [--json]

Letters of one and ten pages (dense text, embedded font): seconds from bytes to TIFF, our converter warm, Ghostscript
started anew for each as every system that uses it does; pairs taken by turns, medians. Bytes on the line of the same
text. A noisy, skewed, shaded scan: bytes, and the share of its words that Tesseract reads. Goals: one page at least
twice as fast, ten pages not slower, bytes of text at most 1.05 of Ghostscript's; of the scan at most 0.3, and readable.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from PIL import Image, TiffImagePlugin
from samples import letter, noisy_scan

from caselli.documents.convert import Limits, SourceFile, convert

READABLE = 0.95
"""Share of the words."""
STRIP_BYTE_COUNTS = 279


@dataclass(frozen=True)
class Measured:
    """One line of the table: ``ours`` and ``theirs`` in ``unit``, their ratio, and what was to be reached."""

    name: str
    unit: str
    ours: float
    theirs: float
    ratio: float
    goal: str
    reached: bool


def ghostscript(source: Path, target: Path) -> float:
    """Seconds."""
    began = time.perf_counter()
    subprocess.run(
        [
            "gs",
            "-q",
            "-dNOPAUSE",
            "-dBATCH",
            "-dSAFER",
            "-sDEVICE=tiffg4",
            "-r204x196",
            f"-sOutputFile={target}",
            source,
        ],
        check=True,
    )
    return time.perf_counter() - began


def caselli(content: bytes, target: Path) -> float:
    """Seconds."""
    began = time.perf_counter()
    document = convert([SourceFile("letter.pdf", content)], Limits())
    took = time.perf_counter() - began
    target.write_bytes(document.tiff)
    return took


def coded_bytes(tiff: Path) -> int:
    """Of all strips of all pages: what the line carries, not what the file adds."""
    with TiffImagePlugin.TiffImageFile(tiff) as image:
        total = 0
        for number in range(image.n_frames):
            image.seek(number)
            total += sum(image.tag_v2[STRIP_BYTE_COUNTS])
        return total


def words_read(tiff: Path, words: str, folder: Path) -> float:
    """The share of the words that Tesseract finds on the first page."""
    page = folder / "page.png"
    with Image.open(tiff) as image:
        image.convert("L").save(page, dpi=(204, 196))
    told = subprocess.run(
        ["tesseract", page, "-", "--dpi", "200", "--psm", "6"],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {"OMP_THREAD_LIMIT": "1"},
    ).stdout
    wanted, found = Counter(words.split()), Counter(re.findall("[a-z]+", told.lower()))
    return (wanted & found).total() / wanted.total()


def speed_and_size(pages: int, pairs: int, most: float, folder: Path) -> list[Measured]:
    content, _ = letter(pages)
    source, theirs, ours = folder / "letter.pdf", folder / "theirs.tif", folder / "ours.tif"
    source.write_bytes(content)
    ghostscript(source, theirs)
    caselli(content, ours)
    times = [(caselli(content, ours), ghostscript(source, theirs)) for _ in range(pairs)]
    ratio = statistics.median(our / their for our, their in times)
    size, their_size = coded_bytes(ours), coded_bytes(theirs)
    of = f"{pages} page{'s' if pages > 1 else ''} of text"
    return [
        Measured(
            f"{of}: time",
            "ms",
            statistics.median(our for our, _ in times) * 1000,
            statistics.median(their for _, their in times) * 1000,
            ratio,
            f"<= {most}",
            ratio <= most,
        ),
        Measured(
            f"{of}: size", "kB", size / 1000, their_size / 1000, size / their_size, "<= 1.05", size <= 1.05 * their_size
        ),
    ]


def scan(folder: Path) -> list[Measured]:
    content, words = noisy_scan()
    source, theirs, ours = folder / "scan.pdf", folder / "theirs.tif", folder / "ours.tif"
    source.write_bytes(content)
    caselli(content, ours)
    their_time, our_time = ghostscript(source, theirs), caselli(content, ours)
    size, their_size = coded_bytes(ours), coded_bytes(theirs)
    read, their_read = (words_read(tiff, words, folder) for tiff in (ours, theirs))
    return [
        Measured("noisy scan: time", "ms", our_time * 1000, their_time * 1000, our_time / their_time, "", reached=True),
        Measured(
            "noisy scan: size",
            "kB",
            size / 1000,
            their_size / 1000,
            size / their_size,
            "<= 0.3",
            size <= 0.3 * their_size,
        ),
        Measured(
            "noisy scan: words read",
            "%",
            read * 100,
            their_read * 100,
            read / max(their_read, 0.001),
            ">= 95 %",
            read >= READABLE,
        ),
    ]


def table(lines: Sequence[Measured]) -> str:
    head = f"{'':28}{'Caselli':>12}{'Ghostscript':>14}{'ratio':>9}  goal"
    rows = [
        f"{one.name:28}{one.ours:9.1f} {one.unit:2}{one.theirs:11.1f} {one.unit:2}{one.ratio:9.2f}  {one.goal}"
        f"{'' if one.reached else '  MISSED'}"
        for one in lines
    ]
    return "\n".join([head, *rows])


def main() -> int:
    """0 when every goal is reached."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="caselli-bench-") as name:
        folder = Path(name)
        lines = [
            *speed_and_size(1, options.pairs, 0.5, folder),
            *speed_and_size(10, options.pairs, 1.0, folder),
            *scan(folder),
        ]
    print(json.dumps([asdict(one) for one in lines], indent=1) if options.json else table(lines))
    return 0 if all(one.reached for one in lines) else 1


if __name__ == "__main__":
    sys.exit(main())

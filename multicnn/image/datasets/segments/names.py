"""Class names of masks, from the small files that tools write beside them, and VOC's colours."""

import re
from pathlib import Path

from multicnn.errors import DataError

VOC = (
    "background", "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "diningtable",
    "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor",
)  # fmt: skip
VOID = "224,224,192"  # VOC's colour of borders that nobody knows
UNKNOWN = ("void", "ignore", "ignored", "unlabeled", "unlabelled", "unknown", "не размечено")


def read_names(path: Path) -> dict[str, str | None]:
    """Class names by their number (`"0"`) or colour (`"128,0,0"`).

    Lines may be `name`, numbered from 0; `3: name`; `name:r,g,b:...` as CVAT writes; `name,r,g,b`; `r g b name`.
    Blank lines and lines from `#` are passed over. Raises DataError for a line that is none of these.
    """
    lines = [(n, line.strip()) for n, line in enumerate(path.read_text("utf-8-sig").splitlines(), start=1)]
    lines = [(n, line) for n, line in lines if line and not line.startswith("#")]
    found: dict[str, str | None] = {}
    for n, line in lines:
        key, name = _entry(line, len(found))
        if re.fullmatch(r"name[,\s]+r[,\s]+g[,\s]+b", line.casefold()):
            continue
        if key in found or not name:
            raise DataError(f"{path}: line {n}, {line[:40]!r}, gives {key} a second time or no name; correct it")
        found[key] = name
    if len({"," in key for key in found}) != 1:
        raise DataError(f"{path}: give all classes a colour (name:r,g,b), or none; one a line")
    return found


def _entry(line: str, count: int) -> tuple[str, str]:
    """Key and name of a line."""
    if match := re.fullmatch(r"(.+?)\s*[:,]\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*(:.*)?", line):
        return ",".join(str(int(match[i])) for i in (2, 3, 4)), match[1].strip()
    if match := re.fullmatch(r"(\d+)\s+(\d+)\s+(\d+)\s+(.+)", line):
        return ",".join(str(int(match[i])) for i in (1, 2, 3)), match[4].strip()
    if match := re.fullmatch(r"(\d+)\s*[:,;\t ]\s*(.+)", line):
        return str(int(match[1])), match[2].strip()
    return str(count), line


def voc_colours() -> dict[str, str | None]:
    """VOC's colour of each class: the bits of its number, the lowest first, as the highest bits of red, green, blue."""
    return {",".join(map(str, colour(i))): name for i, name in enumerate(VOC)} | {VOID: None}


def colour(number: int) -> tuple[int, int, int]:
    """Red, green and blue of a class number in VOC's palette, which goes on without end."""
    red = green = blue = 0
    for place in range(7, -1, -1):
        red |= (number & 1) << place
        green |= (number >> 1 & 1) << place
        blue |= (number >> 2 & 1) << place
        number >>= 3
    return red, green, blue

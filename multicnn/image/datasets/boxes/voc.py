"""Pascal VOC's XML, a file a picture: Annotations/, JPEGImages/ and ImageSets/Main/, or beside the pictures."""

from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

from multicnn.data.layouts.parts import part_of
from multicnn.data.layouts.tree import walk
from multicnn.data.table import Table
from multicnn.errors import DataError
from multicnn.image.datasets.boxes.annotated import Annotated, Box, tabled
from multicnn.image.datasets.boxes.pictures import Pictures

EDGES = ("xmin", "ymin", "xmax", "ymax")


def voc_files(root: Path) -> list[Path]:
    """The XML files below a folder."""
    return [Path(path) for path in walk(str(root), frozenset({".xml"}), Counter())]


def read_voc(files: list[Path], root: Path) -> Table:
    """One row an XML file. Raises DataError naming the file that cannot be used.

    VOC counts pixels from 1 and both ends within; where a 0 occurs, the set's coordinates are edges from 0.
    """
    pictures = Pictures(root)
    parts = _lists(root)
    rows = [_row(file, pictures, parts) for file in files]
    from_zero = any(min(x1, y1) < 1 for row in rows for _, x1, y1, _, _ in row.boxes)
    said = "VOC: pixels counted from " + ("0, as a 0 occurs" if from_zero else "1")
    if not from_zero:
        for row in rows:
            row.boxes[:] = [(c, x1 - 1, y1 - 1, x2, y2) for c, x1, y1, x2, y2 in row.boxes]
    return tabled(root.resolve().name, rows, None, [said])


def _lists(root: Path) -> dict[str, str]:
    """The part of each stem, from ImageSets/Main/{train,val,test}.txt."""
    folder = root / "ImageSets" / "Main"
    files = [(part, f) for f in sorted(folder.glob("*.txt")) if (part := part_of(f.stem))] if folder.is_dir() else []
    return {line.split()[0]: part for part, f in files for line in f.read_text("utf-8").splitlines() if line.strip()}


def _row(file: Path, pictures: Pictures, parts: dict[str, str]) -> Annotated:
    try:
        root = ElementTree.parse(file).getroot()
    except (ElementTree.ParseError, UnicodeDecodeError, ValueError) as error:
        raise DataError(f"{file}: not valid XML ({error}); mend it") from None
    try:
        boxes = [_box(o) for o in root.iter("object")]
        size = tuple(int(float(root.findtext(f"size/{k}") or 0)) for k in ("height", "width"))
    except (TypeError, ValueError) as error:
        raise DataError(f"{file}: an object lacks its name or a number of its box ({error}); mend it") from None
    name = root.findtext("filename") or file.stem
    near = [file.parent, file.parent.parent / "JPEGImages", file.parent.parent / "images"]
    stems = pictures.by_stem.get(file.stem, [])
    picture = stems[0] if len(stems) == 1 else pictures.find(name, str(file), near)
    part = parts.get(file.stem, "") if parts else pictures.part(str(file))
    return Annotated(picture, pictures.id(picture), part, boxes, str(file), (size[0], size[1]) if all(size) else None)


def _box(thing: ElementTree.Element) -> Box:
    name = (thing.findtext("name") or "").strip()
    if not name:
        raise ValueError("no name")
    x1, y1, x2, y2 = (float(thing.findtext(f"bndbox/{edge}") or "none") for edge in EDGES)
    if x2 < x1 or y2 < y1:
        raise ValueError(f"{name}: right edge {x2} before left {x1}, or bottom {y2} above top {y1}")
    return name, x1, y1, x2, y2

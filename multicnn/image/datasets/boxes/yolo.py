"""YOLO's text files, one a picture: lines of class number, middle x, middle y, width, height, as shares of the picture.

images/train/a.jpg has labels/train/a.txt, train/images/a.jpg has train/labels/a.txt. Lines of more numbers are class
and the corners of a polygon. Names come from data.yaml, or classes.txt, or are the numbers.
"""

import re
from pathlib import Path

from multicnn.data.layouts.tree import is_file, listing
from multicnn.data.table import Table
from multicnn.errors import DataError
from multicnn.image.datasets.boxes.annotated import Annotated, Box, tabled
from multicnn.image.datasets.boxes.pictures import Pictures

SLACK = 0.01  # of the picture, that rounding may take a box beyond its border


def is_yolo(root: Path) -> bool:
    """Whether a folder holds `images` and `labels` folders, at the top or a level below."""
    places = [root, *(p for p in sorted(root.iterdir()) if p.is_dir())]
    return any((p / "images").is_dir() and any((p / "labels").rglob("*.txt")) for p in places)


def read_yolo(root: Path) -> Table:
    """One row a picture below an `images` folder. Raises DataError naming the line that cannot be used."""
    pictures = Pictures(root)
    names, how = class_names(root)
    samples, without, polygons = [], 0, 0
    for path in pictures.paths:
        label = label_file(Path(path), root)
        if label is None:
            continue
        boxes: list[Box] = []
        if label.is_file():
            lines = words_of(label)
            boxes = [box(words, names, where) for words, where in lines]
            polygons += sum(len(words) > 6 for words, _ in lines)
        without += not label.is_file()
        samples.append(Annotated(path, pictures.id(path), pictures.part(path), boxes, str(label), shares=True))
    said = [f"YOLO: {how}"]
    said += [f"{without:,} pictures without a label file"] if without else []
    said += [f"{polygons:,} polygons read as the boxes round them"] if polygons else []
    classes = [names[i] for i in sorted(names)] or None
    return tabled(root.resolve().name, samples, classes, said)


def words_of(label: Path) -> list[tuple[list[str], str]]:
    """The words of each line that has some, and where it stands."""
    lines = [line.split() for line in label.read_text("utf-8-sig").splitlines()]
    return [(words, f"{label}: line {n}") for n, words in enumerate(lines, 1) if words]


def label_file(picture: Path, root: Path) -> Path | None:
    """The text file of a picture: its path with the last `images` below the root turned to `labels`; None without."""
    words = list(picture.relative_to(root).with_suffix(".txt").parts)
    places = [i for i, word in enumerate(words[:-1]) if word == "images"]
    if not places:
        return None
    words[places[-1]] = "labels"
    return root.joinpath(*words)


def box(words: list[str], names: dict[int, str], where: str) -> Box:
    """One line. Raises DataError for numbers of another format."""
    name, values = shares(words, names, where)
    if len(values) in (4, 5):  # the fifth is a score
        x, y, w, h = values[:4]
        edges = (x - w / 2, y - h / 2, x + w / 2, y + h / 2)
    elif len(values) >= 6 and len(values) % 2 == 0:
        edges = (min(values[::2]), min(values[1::2]), max(values[::2]), max(values[1::2]))
    else:
        raise DataError(f"{where}: {len(words)} numbers; give class, middle x, middle y, width, height")
    within(values, where)
    if min(edges) < -0.25 or max(edges) > 1.25:
        raise DataError(
            f"{where}: the box would reach far beyond the picture; "
            "YOLO has middle x, middle y, width, height, not corners"
        )
    return (name, *edges)


def shares(words: list[str], names: dict[int, str], where: str) -> tuple[str, list[float]]:
    """Class and numbers of a line. Raises DataError for what is no number, and a class without a name."""
    try:
        number, values = int(words[0]), [float(w) for w in words[1:]]
    except ValueError:
        raise DataError(f"{where}: {' '.join(words)[:60]!r} is no class number and shares; correct it") from None
    if names and number not in names:
        raise DataError(f"{where}: class {number} has no name among {len(names)}; add it to data.yaml, or correct it")
    return names.get(number, str(number)), values


def within(values: list[float], where: str) -> None:
    """Raises DataError for numbers that are no shares of the picture."""
    if not (max(values) <= 1 + SLACK and min(values) >= -SLACK):
        raise DataError(
            f"{where}: {max(values, key=abs):g} is no share of the picture; divide pixels by its width and height"
        )


def class_names(root: Path) -> tuple[dict[int, str], str]:
    """Names by number, and where they are from; none where no file gives them."""
    for entry in listing(root):
        if is_file(entry) and entry.name.endswith((".yaml", ".yml")):
            found = yaml_names(Path(entry.path).read_text("utf-8-sig"))
            if found:
                return found, f"classes of {entry.name}"
    for file in (root / "classes.txt", root / "labels" / "classes.txt", root / "obj.names"):
        if file.is_file():
            lines = [line.strip() for line in file.read_text("utf-8-sig").splitlines() if line.strip()]
            return dict(enumerate(lines)), f"classes of {file.name}"
    return {}, "no data.yaml or classes.txt, the classes are called by their numbers"


def yaml_names(text: str) -> dict[int, str]:
    """The value of `names:`, written as [a, b], as {0: a, 1: b}, or a line each with `-` or `0:`."""
    match = re.search(r"^names:[ \t]*(.*(?:\n(?:[ \t-].*|[ \t]*))*)", text, re.MULTILINE)
    if not match:
        return {}
    value = re.sub(r"(?:^|\s)#.*", "", match[1]).strip()
    if value[:1] in ("[", "{"):
        items = re.split(r",(?=(?:[^'\"]|'[^']*'|\"[^\"]*\")*$)", value.strip("[]{} \n"))
    else:
        items = [line.strip().removeprefix("-") for line in value.splitlines()]
    found: dict[int, str] = {}
    for item in filter(None, map(str.strip, items)):
        numbered = re.match(r"['\"]?(\d+)['\"]?\s*:\s*(.+)", item)
        number, name = (int(numbered[1]), numbered[2]) if numbered else (len(found), item)
        found[number] = name.strip().strip("'\"")
    return found

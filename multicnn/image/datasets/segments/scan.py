"""What the values of masks mean: each mask is looked into once, and the whole set decides."""

import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from multicnn.errors import DataError
from multicnn.image.datasets.segments.names import UNKNOWN, VOC, read_names, voc_colours
from multicnn.image.datasets.segments.names import colour as colour_of
from multicnn.image.masks import BACKGROUND, key, open_mask, packed, spelled
from multicnn.image.voxels import is_volume, values

OBJECT = "object"  # the class of masks of two values, which has no name of its own
MANY = 64  # classes that nobody named: shades, rather
IGNORED = 255  # VOC's number of pixels that nobody knows
Meaning = Mapping[str, str | None]


@dataclass(frozen=True)
class Seen:
    """The values of one mask.  colour: whether they are packed colours.  palette: whether VOC's colours show them."""

    file: str
    values: frozenset[int]
    colour: bool
    palette: bool


def look(files: Sequence[str], workers: int = 0) -> list[Seen | DataError]:
    """Every file's values, or why it cannot be read."""
    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        return list(pool.map(_look, files))


def _look(file: str) -> Seen | DataError:
    try:
        if is_volume(file):
            return Seen(file, frozenset(np.unique(values(file)).tolist()), colour=False, palette=False)
        array = open_mask(file)
    except DataError as error:
        return error
    colour = array.ndim == 3 and not (array == array[..., :1]).all()
    found = np.unique(packed(array if colour or array.ndim == 2 else array[..., 0]))
    return Seen(file, frozenset(found.tolist()), colour, _palette(file, found.tolist()))


def _palette(file: str, values: Sequence[int]) -> bool:
    """Whether a mask has a palette with VOC's colour for each of its classes."""
    from PIL import Image

    with Image.open(file) as picture:
        colours = picture.getpalette() if picture.mode == "P" else None
    return colours is not None and all(
        tuple(colours[3 * v : 3 * v + 3]) == colour_of(v) for v in values if v < len(VOC)
    )


def meaning(seen: Sequence[Seen], names: Path | None) -> tuple[tuple[str, ...], Meaning, str]:
    """Class names in their order, what each value stands for, and what to tell the user.

    Raises DataError where values and names do not fit, naming a file and a value.
    """
    first: dict[int, str] = {}  # a file that holds the value
    colour = any(s.colour for s in seen)
    for s in seen:
        for value in s.values if s.colour == colour else map(_grey, s.values):
            first.setdefault(value, s.file)
    if names is not None:
        return named(read_names(names), first, colour, names)
    if len(first) > MANY:
        raise shades(max(seen, key=lambda s: len(s.values)), len(first))
    if colour:
        refuse_mixture(seen)
        return coloured(first)
    return counted(first, palette=any(s.palette for s in seen))


def refuse_mixture(seen: Sequence[Seen]) -> None:
    """Raises DataError for a mask of colours among more masks of class numbers."""
    numbers = [s for s in seen if not s.colour and s.values - {0, IGNORED}]
    colours = [s for s in seen if s.colour]
    if len(numbers) > len(colours):
        raise DataError(
            f"{colours[0].file}: a mask of colours, where {numbers[0].file} and others hold numbers; save it so too"
        )


def shades(worst: Seen, count: int) -> DataError:
    """The error for more values than classes have, as smoothing or lossy compression makes them."""
    value = sorted(worst.values)[len(worst.values) // 2]
    what = "colour" if worst.colour else "value"
    names = "labelmap.txt as name:r,g,b" if worst.colour else "classes.txt, one a line"
    return DataError(
        f"{worst.file}: {what} {spelled(value, worst.colour)} is one of {count} in the masks, shades rather than "
        f"classes; save masks as PNG without smoothing, and name the classes in {names}"
    )


def _grey(value: int) -> int:
    """A number as the packed colour of a mask that is grey all over, among masks of colours."""
    return value << 16 | value << 8 | value


def named(
    names: dict[str, str | None], first: Mapping[int, str], colour: bool, path: Path
) -> tuple[tuple[str, ...], Meaning, str]:
    """By a file of names. A list that says nothing of black, or of 0 where it numbers from 1, lacks the background."""
    if colour != any("," in k for k in names):
        kinds = ("colours", "has numbers") if colour else ("numbers", "has colours")
        raise DataError(f"{path}: it {kinds[1]}, and the masks hold {kinds[0]}; give it one class a line, as they have")
    names = {k: None if c and c.casefold() in UNKNOWN else c for k, c in names.items()}
    nothing = "0,0,0" if colour else "0"
    if nothing not in names and 0 in first:
        names = {nothing: BACKGROUND} | names
    if not colour and str(IGNORED) not in names:
        names[str(IGNORED)] = None
    known = {key(k) for k in names}
    for value in sorted(first):
        if value not in known:
            what = "colour" if colour else "value"
            listed = f"{len(names)} classes in {path.name}"
            raise DataError(
                f"{first[value]}: {what} {spelled(value, colour)} is none of the {listed}; correct the mask or the list"
            )
    return distinct(names.values()), names, f"classes are named by {path.name}"


def counted(first: Mapping[int, str], *, palette: bool) -> tuple[tuple[str, ...], Meaning, str]:
    """Numbers that nobody named: 0 is the background, two values are an object's mask, else 255 is ignored."""
    values = sorted(first)
    if set(values) <= {0, IGNORED} and not palette:
        return (BACKGROUND, OBJECT), {"0": BACKGROUND, "255": OBJECT}, "masks of 0 and 255: 255 is the object"
    numbers = [v for v in values if v != IGNORED]
    if set(numbers) <= {0, 1}:
        return (BACKGROUND, OBJECT), _unless({"0": BACKGROUND, "1": OBJECT}), "masks of 0 and 1: 1 is the object"
    if palette and set(numbers) <= set(range(len(VOC))):
        return VOC, _unless({str(i): c for i, c in enumerate(VOC)}), "palette masks: numbers are VOC's 21 classes"
    names = {str(v): BACKGROUND if v == 0 else f"class {v}" for v in numbers}
    said = f"masks hold {len(names)} class numbers; name them in classes.txt beside the folders, one a line"
    return distinct(names.values()), _unless(names), said


def _unless(names: dict[str, str]) -> Meaning:
    return {**names, str(IGNORED): None}


def coloured(first: Mapping[int, str]) -> tuple[tuple[str, ...], Meaning, str]:
    """Colours that nobody named: VOC's, or a class a colour."""
    voc = voc_colours()
    if set(first) <= {key(k) for k in voc}:
        return VOC, voc, "masks of VOC's colours"
    colours = [spelled(value, True) for value in sorted(first)]
    names = {c: BACKGROUND if c == "0,0,0" else f"colour {c}" for c in colours}
    said = f"masks of {len(names)} colours; name them in labelmap.txt beside the folders, as name:r,g,b"
    return distinct(names.values()), names, said


def distinct(names: Iterable[str | None]) -> tuple[str, ...]:
    """The classes, each once, in order."""
    return tuple(dict.fromkeys(c for c in names if c is not None))

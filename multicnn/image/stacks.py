"""Objects of a picture as one map that says whose each pixel is, from the ways their outlines are stored.

An answer is a line of JSON; `count` is how many objects it has, and classes are spoken of by their names:
`{"size": [height, width], "objects": [["cat", shape], ...]}` COCO's shapes, see `rle`; smaller ones lie on top;
`{"layers": {"cell": path, ...}}` a file a class, whose numbers above 0 are objects; smaller ones lie on top;
`{"numbers": path, "is": {"1": "cat", ...}}` a file whose numbers are objects, those without a class are nothing;
`{"png": base64, "is": ...}` the same without a file.
"""

import base64
from collections.abc import Mapping
from io import BytesIO
from typing import Any, NamedTuple

import numpy as np

from multicnn.errors import DataError
from multicnn.image.masks import open_mask, stored
from multicnn.image.rle import shape_mask

Answer = Mapping[str, Any]


class Stack(NamedTuple):
    """owner: number of the object of each pixel, from 1, and 0 for none.  labels: the class of each object.
    covered: how many objects lie partly under others.
    h w
    """

    owner: np.ndarray
    labels: list[str]
    covered: int


def stack_of(answer: Answer) -> Stack:
    """The objects in the pixels that they were drawn on. Raises DataError for what cannot be read."""
    if "objects" in answer:
        return painted(answer)
    if "layers" in answer:
        return layered(answer["layers"])
    if "png" in answer:
        return named(stored(BytesIO(base64.b64decode(answer["png"])), "mask"), answer["is"])
    return named(numbers_of(answer["numbers"]), answer["is"])


def source_of(answer: Answer, picture: str) -> str:
    """The file that an error about the objects names."""
    layers = answer.get("layers", {}).values()
    return answer.get("numbers") or next(iter(layers), f"the annotation of {picture}")


def numbers_of(file: str) -> np.ndarray:
    """The numbers of a mask's objects. Raises DataError for colours, and for numbers below 0.  -> h w"""
    array = open_mask(file)
    if array.ndim == 3 and (array == array[..., :1]).all():
        array = array[..., 0]
    if array.ndim == 3:
        raise DataError(f"{file}: a mask of colours; save the numbers of its objects as grey PNG of 8 or 16 bits")
    if array.min(initial=0) < 0:
        raise DataError(f"{file}: object number {array.min()}; number objects from 1, 0 being none")
    return array


def named(array: np.ndarray, names: Mapping[str, str]) -> Stack:
    """Objects of a map whose numbers have classes.  h w"""
    known = {int(number): label for number, label in names.items()}
    values, place = np.unique(array, return_inverse=True)
    mine = np.array([value in known for value in values.tolist()])
    new = np.where(mine, mine.cumsum(), 0)
    return Stack(new[place].reshape(array.shape), [known[v] for v in values[mine].tolist()], 0)


def layered(files: Mapping[str, str]) -> Stack:
    """Objects of a file a class. Raises DataError where the files' sizes differ."""
    first, *others = [(label, numbers_of(file)) for label, file in files.items()]
    owner, labels, _ = whole(*first)
    under: set[int] = set()
    for label, array in others:
        if array.shape != owner.shape:
            sizes = " beside ".join(f"{a.shape[0]} x {a.shape[1]}" for a in (array, owner))
            raise DataError(f"{files[label]}: a mask of {sizes} pixels of another class; correct it")
        new, more, _ = whole(label, array)
        new = np.where(new > 0, new + len(labels), 0)
        labels = labels + more
        owner, covered = over(owner, new, len(labels))
        under |= covered
    return Stack(owner, labels, len(under))


def whole(label: str, array: np.ndarray) -> Stack:
    """All numbers above 0 are objects of one class.  h w"""
    return named(array, {str(value): label for value in np.unique(array).tolist() if value > 0})


def over(a: np.ndarray, b: np.ndarray, n: int) -> tuple[np.ndarray, set[int]]:
    """Two maps in one, smaller objects on top; and which of the n objects lie partly under others.  h w, h w -> h w"""
    area = np.concatenate([[0], cells(a, n) + cells(b, n)])
    wins = (b > 0) & ((a == 0) | (area[b] < area[a]))
    both = (a > 0) & (b > 0)
    return np.where(wins, b, a), set(np.unique(np.where(wins, a, b)[both]).tolist())


def cells(owner: np.ndarray, n: int) -> np.ndarray:
    """How many pixels each of n objects has.  h w -> n"""
    return np.bincount(owner.ravel(), minlength=n + 1)[1:]


def painted(answer: Answer) -> Stack:
    """COCO's shapes, the largest first. Raises DataError for what is no shape."""
    height, width = answer["size"]
    owner, under = np.zeros((height, width), dtype=np.int64), set()
    masks = [drawn(label, shape, height, width) for label, shape in answer["objects"]]
    for i in sorted(range(len(masks)), key=lambda i: -int(masks[i].sum())):
        under |= set(np.unique(owner[masks[i]]).tolist())
        owner[masks[i]] = i + 1
    return Stack(owner, [label for label, _ in answer["objects"]], len(under - {0}))


def drawn(label: str, shape: Any, height: int, width: int) -> np.ndarray:
    """The pixels of one shape. Raises DataError naming the class."""
    try:
        return shape_mask(shape, height, width)
    except DataError as error:
        raise DataError(f"{label!r} has {error}") from None

"""Masks: which class each pixel of a picture belongs to, from the ways they are stored, in the net's geometry.

A sample's answer is a line of JSON, which speaks of classes by their names:
`{"mask": path, "is": {"0": "background", "1": "cell", "255": null}}` numbers of pixels, null where nobody knows;
`{"mask": path, "is": {"128,0,0": "plane", ...}}` colours; `{"png": base64, "is": ...}` the same without a file;
`{"masks": {"cell": path, ...}}` a file a class, all but 0 is the class, later ones lie on top;
`{"size": [height, width], "objects": [["cell", shape], ...]}` COCO's shapes, later ones lie on top.
What no file or object covers is "background".
"""

import base64
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from multicnn.errors import DataError
from multicnn.image.decode import ORIENTATION, header, named, upright
from multicnn.image.geometry import OUTSIDE, geometry
from multicnn.image.rle import shape_mask

if TYPE_CHECKING:
    from PIL.Image import Image

BACKGROUND = "background"
TURNED = (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".avif")  # files that may carry an orientation
LOSSY = ("JPEG", "MPO", "JPEG2000", "AVIF")
Answer = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class MaskReader:
    """Reads the masks of pictures that become `size` by `resize`: class numbers, 255 where there is none.

    item: picture and answer, parted by NUL.  Raises DataError for a mask of another size than its picture, a JPEG, and
    a value that is no class, naming the file and the value.  -> h w, uint8
    """

    classes: Sequence[str]
    size: tuple[int, int]
    resize: str

    window = None
    quantum = 1
    said: tuple[str, ...] = field(default=(), init=False, compare=False)
    dtype = np.dtype(np.uint8)

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.size)

    def files(self, item: str) -> Sequence[str]:
        picture, _, text = item.rpartition("\0")
        answer = json.loads(text)
        found = [answer["mask"]] if "mask" in answer else list(answer.get("masks", {}).values())
        return [picture, *found] if found or "objects" in answer else []

    def settings(self) -> dict[str, Any]:
        return {"classes": list(self.classes), "size": list(self.size), "resize": self.resize}

    def __call__(self, item: str) -> np.ndarray:
        picture, _, text = item.rpartition("\0")
        mask = read_mask(json.loads(text), self.classes, picture)
        height, width = mask.shape
        return geometry(height, width, self.size, self.resize).mask(mask)


def read_mask(answer: Answer, classes: Sequence[str], picture: str) -> np.ndarray:
    """The mask of an upright picture in its own size.  -> h w, uint8"""
    number = {c: i for i, c in enumerate(classes)}
    if "png" in answer:
        return numbered(stored(BytesIO(base64.b64decode(answer["png"])), "mask"), answer["is"], number, "mask")
    if "mask" in answer:
        file = answer["mask"]
        return turned(numbered(open_mask(file), answer["is"], number, file), picture, file)
    if "masks" in answer:
        return turned(layered(answer["masks"], number), picture, next(iter(answer["masks"].values())))
    return painted(answer, number, picture)


def open_mask(file: str | os.PathLike[str]) -> np.ndarray:
    """What a mask's file holds, unconverted. Raises DataError naming the file.  -> h w numbers, or h w 3 colours"""
    with named(file), open(file, "rb") as stream:
        return stored(stream, file)


def stored(stream: BinaryIO, name: str | os.PathLike[str]) -> np.ndarray:
    """A palette's numbers stay numbers; what is wholly transparent is black.  -> h w, or h w 3"""
    from PIL import Image

    with Image.open(stream) as picture:
        if picture.format in LOSSY:
            raise DataError(f"{name}: a {picture.format} mask, whose numbers lossy compression changed; save it as PNG")
        if (frames := getattr(picture, "n_frames", 1)) > 1:
            raise DataError(f"{name}: a mask of {frames} frames, of which one is meant; save that one as PNG")
        return upright(_plain(picture), picture.getexif().get(ORIENTATION, 1))


def _plain(picture: "Image") -> np.ndarray:
    if picture.mode in ("1", "L", "P") or picture.mode.startswith("I"):
        array = np.asarray(picture)
        return array.astype(np.uint8) if array.dtype == bool else array
    if picture.mode in ("LA", "PA"):
        number, alpha = np.moveaxis(np.asarray(picture), -1, 0)
        return np.where(alpha > 0, number, 0).astype(np.uint8)
    if picture.mode == "F":
        return _whole(np.asarray(picture))
    colours = np.asarray(picture.convert("RGBA"))
    return np.where(colours[..., 3:] > 0, colours[..., :3], 0).astype(np.uint8)


def _whole(array: np.ndarray) -> np.ndarray:
    """Floats that are whole numbers. Raises ValueError naming another."""
    wrong = np.argwhere(array != np.rint(array))  # which nan is not either
    if len(wrong):
        y, x = wrong[0].tolist()
        raise ValueError(f"the value at row {y}, column {x} is {array[y, x]:g}, no class number")
    return array.astype(np.int64)


def packed(array: np.ndarray) -> np.ndarray:
    """Colours as one number each, numbers as they are.  h w | h w 3 -> h w"""
    if array.ndim == 2:
        return array
    return array.astype(np.int64) @ np.array([1 << 16, 1 << 8, 1])


def key(text: str) -> int:
    """`255` or `128,0,0` as `packed` numbers it."""
    parts = [int(part) for part in text.split(",")]
    return parts[0] if len(parts) == 1 else int(packed(np.array([[parts]]))[0, 0])


def spelled(value: int, colour: bool) -> str:
    """As the user sees it: `128,0,0` or `7`."""
    return ",".join(str(value >> shift & 255) for shift in (16, 8, 0)) if colour else str(value)


def numbered(
    array: np.ndarray, names: Mapping[str, str | None], number: Mapping[str, int], file: str | os.PathLike[str]
) -> np.ndarray:
    """Class numbers from a mask's values. Raises DataError naming a value that is no class.  -> h w, uint8"""
    colour = array.ndim == 3
    if colour and not any("," in k for k in names):
        if not (array == array[..., :1]).all():
            raise DataError(f"{file}: a mask of colours, where the others hold class numbers; save it like the others")
        array, colour = array[..., 0], False
    values, place = np.unique(packed(array), return_inverse=True)
    known = {key(k): OUTSIDE if c is None else number[c] for k, c in names.items()}
    for value in values.tolist():
        if value not in known:
            y, x = np.argwhere(packed(array) == value)[0]
            what = f"{'colour' if colour else 'value'} {spelled(value, colour)} at row {y}, column {x}"
            raise DataError(f"{file}: {what} is no class ({_listed(names)}); correct the mask or name the class")
    return np.array([known[v] for v in values.tolist()], dtype=np.uint8)[place].reshape(array.shape[:2])


def _listed(names: Mapping[str, str | None]) -> str:
    pieces = [f"{k} {'ignored' if c is None else c}" for k, c in names.items()]
    return "; ".join(pieces[:6]) + (f"; and {len(pieces) - 6} more" if len(pieces) > 6 else "")


def layered(files: Mapping[str, str], number: Mapping[str, int]) -> np.ndarray:
    """A file a class, all but 0 is the class. Raises DataError where their sizes differ.  -> h w, uint8"""
    out = None
    for name, file in files.items():
        inside = packed(open_mask(file)) > 0
        out = np.full(inside.shape, number[BACKGROUND], dtype=np.uint8) if out is None else out
        if out.shape != inside.shape:
            raise DataError(f"{file}: a mask of {_size(inside)} pixels beside others of {_size(out)}; correct it")
        out[inside] = number[name]
    assert out is not None
    return out


def painted(answer: Answer, number: Mapping[str, int], picture: str) -> np.ndarray:
    """Objects one on another; their shapes are of the picture's stored pixels or of the upright ones.  -> h w, uint8"""
    height, width = answer["size"]
    out = np.full((height, width), number[BACKGROUND], dtype=np.uint8)
    for name, shape in answer["objects"]:
        try:
            out[shape_mask(shape, height, width)] = number[name]
        except DataError as error:
            raise DataError(f"{picture}: {name!r} has {error}") from None
    return turned(out, picture, f"the annotation of {picture}")


def turned(mask: np.ndarray, picture: str, file: str) -> np.ndarray:
    """The mask as its picture is turned upright by its EXIF orientation.

    A mask may be drawn on the stored pixels or on the upright ones: its size says which. Raises DataError where that
    does not tell, and where the size is neither.
    """
    upright_size = tuple(header(picture)[:2])
    turn = orientation(picture)
    if turn == 1 and mask.shape == upright_size:
        return mask
    stored_size = upright_size[::-1] if turn >= 5 else upright_size
    if mask.shape not in (stored_size, upright_size):
        raise DataError(
            f"{file}: the mask has {_size(mask)} pixels, its picture {picture} has "
            f"{upright_size[0]} x {upright_size[1]}; give it the mask that was drawn on it"
        )
    if stored_size == upright_size:
        raise DataError(
            f"{picture}: its EXIF orientation is {turn}, and nothing says whether its mask was drawn before or after "
            "turning; save the picture upright"
        )
    return mask if mask.shape == upright_size else upright(mask, turn)


def orientation(file: str) -> int:
    """The EXIF orientation that `decode` undoes; 1 for an upright picture, and for files whose header is upright."""
    from PIL import Image

    if not file.lower().endswith(TURNED):
        return 1
    with named(file), Image.open(file) as picture:
        turn = picture.getexif().get(ORIENTATION, 1)
        return turn if turn in range(2, 9) else 1


def _size(mask: np.ndarray) -> str:
    return f"{mask.shape[0]} x {mask.shape[1]}"

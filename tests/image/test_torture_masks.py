"""Odd and broken masks: each set trains on the numbers it was made from, or is refused by name; no file is touched."""

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from multicnn.image.datasets.segments import open_segments
from multicnn.image.decode import ORIENTATION
from multicnn.image.masks import read_mask

tifffile = pytest.importorskip("tifffile")

N, H, W = 8, 16, 12
RANDOM = np.random.default_rng(0)
TRUTH = [RANDOM.integers(0, 3, (H, W), dtype=np.uint8) for _ in range(N)]
TWO = [(t > 0).astype(np.uint8) for t in TRUTH]
WILD = RANDOM.integers(0, 256, 768, dtype=np.uint8).tobytes()
NUMBERS = ("background", "class 1", "class 2")
OBJECT = ("background", "object")
Root = Path
Write = Callable[[Path, int], Any]  # the path without suffix, and which picture


def pictures(root: Root, orientation: int = 1) -> Root:
    """Pictures in which the classes can be seen."""
    (root / "images").mkdir(parents=True)
    (root / "masks").mkdir()
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    for i, truth in enumerate(TRUTH):
        Image.fromarray((truth * 100 + RANDOM.integers(0, 50, (H, W))).astype(np.uint8)).save(
            root / "images" / f"{i}.png", exif=exif
        )
    return root


def every(write: Write, **settings: Any) -> Callable[[Root], Any]:
    """A set whose masks are all written alike."""

    def make(root: Root) -> None:
        pictures(root, **settings)
        for i in range(N):
            write(root / "masks" / str(i), i)

    return make


def saved(arrays: Sequence[np.ndarray], suffix: str = ".png", **settings: Any) -> Write:
    return lambda path, i: Image.fromarray(arrays[i]).save(path.with_suffix(suffix), **settings)


def palette(colours: bytes, **settings: Any) -> Write:
    def write(path: Path, i: int) -> None:
        image = Image.fromarray(TRUTH[i], "L")
        image.putpalette(colours)
        image.save(path.with_suffix(".png"), **settings)

    return write


def painted(path: Path, i: int) -> None:
    """A paint program's layer: red where the object is, the rest transparent, whatever colour is left there."""
    rgba = np.full((H, W, 4), (90, 160, 30, 0), dtype=np.uint8)
    rgba[TWO[i] > 0] = 200, 0, 0, 255
    Image.fromarray(rgba).save(path.with_suffix(".png"))


def coloured(path: Path, i: int) -> None:
    colours = np.array([(0, 0, 0), (10, 200, 30), (7, 7, 90)], dtype=np.uint8)
    Image.fromarray(colours[TRUTH[i]]).save(path.with_suffix(".png"))


def with_file(write: Write, name: str, text: str) -> Callable[[Root], Any]:
    def make(root: Root) -> None:
        every(write)(root)
        (root / name).write_text(text)

    return make


def but(write: Write, change: Callable[[Path], Any]) -> Callable[[Root], Any]:
    """A set whose mask 3 is changed afterwards."""

    def make(root: Root) -> None:
        every(write)(root)
        change(root / "masks" / "3.png")

    return make


def anew(array: np.ndarray, suffix: str = ".png", **settings: Any) -> Callable[[Path], Any]:
    """Another mask in the place of the old one."""

    def change(path: Path) -> None:
        path.unlink()
        if suffix == ".tif":
            tifffile.imwrite(path.with_suffix(suffix), array)
        else:
            Image.fromarray(array).save(path.with_suffix(suffix), **settings)

    return change


def with_value(value: float, kind: type = np.uint8) -> np.ndarray:
    array = TRUTH[3].astype(kind)
    array[5, 7] = value
    return array


def animated(path: Path) -> None:
    path.unlink()
    frames = [Image.fromarray(TRUTH[k]) for k in (3, 4)]
    frames[0].save(path.with_suffix(".gif"), save_all=True, append_images=frames[1:])


def cut(path: Path) -> None:
    noisy = RANDOM.integers(0, 3, (400, 300), dtype=np.uint8)
    Image.fromarray(noisy).save(path)
    path.write_bytes(path.read_bytes()[:3000])


PLAIN = saved(TRUTH)
FLOATS = [t.astype(np.float32) for t in TRUTH]
DEEP = [t.astype(np.uint16) * 1000 for t in TRUTH]
TURNED = [np.rot90(t, -1).copy() for t in TRUTH]
SHADES = np.arange(H * W).reshape(H, W)
SMOOTHED = [(t * 80 + SHADES % 90).astype(np.uint8) for t in TRUTH]
ONE_UNKNOWN = [*TRUTH[:3], TRUTH[3] * 0 + 255, *TRUTH[4:]]
OF_COLOURS = ("background", "colour 7,7,90", "colour 10,200,30")
NAMED = "sky:0,0,0\ntree:10,200,30\nsea, deep:7,7,90\n"


def beside(name: str) -> Callable[[Path], Any]:
    """One more mask."""
    return lambda path: Image.fromarray(TRUTH[3]).save(path.with_name(name))


def unnamed(root: Root) -> None:
    """A value that the list of names lacks."""
    with_file(PLAIN, "classes.txt", "a\nb\nc\n")(root)
    anew(with_value(9))(root / "masks" / "3.png")


Good = tuple[Callable[[Root], Any], tuple[str, ...], Sequence[np.ndarray], str]
GOOD: dict[str, Good] = {
    "numbers": (every(PLAIN), NUMBERS, TRUTH, "3 class numbers"),
    "palette of any colours": (every(palette(WILD)), NUMBERS, TRUTH, "name them in classes.txt"),
    "palette of few bits": (every(palette(WILD[:12], bits=2)), NUMBERS, TRUTH, "3 class numbers"),
    "palette, the first transparent": (every(palette(WILD, transparency=0)), NUMBERS, TRUTH, "3 class numbers"),
    "one bit": (every(saved([t > 0 for t in TWO])), OBJECT, TWO, "1 is the object"),
    "0 and 255": (every(saved([t * np.uint8(255) for t in TWO])), OBJECT, TWO, "255 is the object"),
    "16 bits": (every(saved(DEEP)), ("background", "class 1000", "class 2000"), TRUTH, "3 class numbers"),
    "interlaced": (every(saved(TRUTH, interlace=1)), NUMBERS, TRUTH, "3 class numbers"),
    "grey as RGB": (every(saved([np.repeat(t[..., None], 3, 2) for t in TRUTH])), NUMBERS, TRUTH, "3 class numbers"),
    "grey with alpha": (every(saved([np.stack([t, t * 0 + 255], 2) for t in TRUTH])), NUMBERS, TRUTH, "3 class"),
    "paint program": (every(painted), ("background", "colour 200,0,0"), TWO, "masks of 2 colours"),
    "colours": (every(coloured), OF_COLOURS, [np.array([0, 2, 1])[t] for t in TRUTH], "masks of 3 colours"),
    "named colours": (with_file(coloured, "labelmap.txt", NAMED), ("sky", "tree", "sea, deep"), TRUTH, "labelmap.txt"),
    "tif": (every(saved(TRUTH, ".tif")), NUMBERS, TRUTH, "3 class numbers"),
    "bmp": (every(saved(TRUTH, ".bmp")), NUMBERS, TRUTH, "3 class numbers"),
    "gif of one frame": (every(saved(TRUTH, ".gif")), NUMBERS, TRUTH, "3 class numbers"),
    "whole floats": (every(saved(FLOATS, ".tif")), NUMBERS, TRUTH, "3 class numbers"),
    "one all unknown": (but(PLAIN, anew(ONE_UNKNOWN[3])), NUMBERS, ONE_UNKNOWN, "3 class numbers"),
    "a mask too many": (
        but(PLAIN, beside("more.png")),
        NUMBERS,
        TRUTH,
        "1 masks left out that belong to no picture",
    ),
    "drawn on turned pictures": (every(saved(TURNED), orientation=6), NUMBERS, TURNED, "3 class numbers"),
}
BAD: dict[str, tuple[Callable[[Root], Any], str]] = {
    "jpeg": (but(PLAIN, anew(TRUTH[3], ".jpg")), r"3\.jpg: a JPEG mask, whose numbers lossy compression changed"),
    "jpeg by another name": (
        but(PLAIN, lambda p: Image.fromarray(TRUTH[3]).save(p, "JPEG")),
        r"3\.png: a JPEG mask, whose numbers lossy",
    ),
    "avif": (but(PLAIN, anew(np.repeat(TRUTH[3][..., None], 3, 2), ".avif")), r"3\.avif: a AVIF mask, whose numbers"),
    "value without a class": (unnamed, r"3\.png: value 9 is none of the \d classes in classes\.txt"),
    "fewer names than numbers": (with_file(PLAIN, "classes.txt", "a\nb\n"), r"\d\.png: value 2 is none of the"),
    "colour without a class": (
        with_file(coloured, "labelmap.txt", NAMED[: NAMED.index("sea")]),
        r"\.png: colour 7,7,90 is none of the",
    ),
    "names of colours for numbers": (with_file(PLAIN, "labelmap.txt", NAMED), r"labelmap\.txt: it has colours"),
    "colours among numbers": (but(PLAIN, lambda p: coloured(p, 3)), r"3\.png: a mask of colours, where .*0\.png and"),
    "another size": (but(PLAIN, anew(TRUTH[3][:9])), r"3\.png: the mask has 9 x 12 pixels, its picture .* has 16 x 12"),
    "sides swapped": (
        but(PLAIN, anew(TRUTH[3].T.copy())),
        r"3\.png: the mask has 12 x 16 pixels, its picture .* has 16",
    ),
    "turned half round": (every(PLAIN, orientation=3), r"\d\.png: its EXIF orientation is 3, and nothing says whether"),
    "missing": (but(PLAIN, Path.unlink), r"images/3\.png: no mask of that name in .*masks"),
    "two for one picture": (but(PLAIN, beside("3.tif")), r"masks/3\.png and 3\.tif have one name; rename one of them"),
    "cut short": (but(PLAIN, cut), r"3\.png: .*truncated"),
    "empty": (but(PLAIN, lambda p: p.write_bytes(b"")), r"3\.png: the file is empty|3\.png: not a picture"),
    "a page of HTML": (but(PLAIN, lambda p: p.write_text("<!doctype html>")), r"3\.png: not a picture"),
    "fractions": (
        but(PLAIN, anew(with_value(0.5, np.float32), ".tif")),
        r"3\.tif: the value at row 5, column 7 is 0",
    ),
    "not a number": (but(PLAIN, anew(with_value(np.nan, np.float32), ".tif")), r"3\.tif: the value at .* 7 is nan"),
    "hundreds of values": (
        but(PLAIN, anew(SHADES.astype(np.uint16) * 3)),
        r"3\.png: value \d+ is one of 194 in the masks",
    ),
    "smoothed": (every(saved(SMOOTHED)), r"\d\.png: value \d+ is one of \d+ in the masks, shades rather than classes"),
    "animated": (but(PLAIN, animated), r"3\.gif: a mask of 2 frames, of which one is meant"),
    "all one number": (every(saved([t * 0 for t in TRUTH])), r"training masks are 'background' throughout"),
    "all unknown": (every(saved([t * 0 + 255 for t in TRUTH])), r"training masks are 'object' throughout"),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_set_trains_on_the_numbers_it_was_made_from(name: str, tmp_path: Path, trains: Callable) -> None:
    make, classes, truth, note = GOOD[name]
    make(tmp_path / "data")
    said = trains(tmp_path / "data", "segment")
    assert (said.code, said.errors) == (0, [])
    assert note in said.notes
    facts = json.loads((tmp_path / "run" / "model.json").read_text())
    assert tuple(facts["classes"]) == classes
    table = open_segments(tmp_path / "data")
    assert table.answer is not None
    for file, answer in zip(table.items, table.answer, strict=True):
        mask = read_mask(json.loads(str(answer)), table.classes, str(file))
        np.testing.assert_array_equal(mask, truth[int(Path(str(file)).stem)])


@pytest.mark.parametrize("name", BAD)
def test_a_bad_mask_is_refused_in_one_line_that_names_it(name: str, tmp_path: Path, trains: Callable) -> None:
    make, reason = BAD[name]
    make(tmp_path / "data")
    said = trains(tmp_path / "data", "segment")
    assert said.code == 3
    assert len(said.errors) == 1

    assert re.search(reason, said.errors[0]), said.errors[0]
    assert not (tmp_path / "run").exists()

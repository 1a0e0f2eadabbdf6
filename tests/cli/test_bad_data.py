"""Data that cannot be learnt from: one sentence that names the file, row or class, exit code 3, nothing touched."""

import os
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

Spoil = Callable[[Path], object]


def emptied(root: Path) -> None:
    for path in sorted(root.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()


def keep(root: Path, *names: str) -> None:
    """Only these of the class folders, or files."""
    for path in sorted(root.rglob("*"), reverse=True):
        if not any(path.relative_to(root).is_relative_to(name) or Path(name).is_relative_to(path.relative_to(root))
                   for name in names):  # fmt: skip
            path.rmdir() if path.is_dir() else path.unlink()


def cut(path: Path, share: float) -> None:
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])


def flat(root: Path) -> None:
    """All files directly in the folder."""
    for path in list(root.rglob("*.png")):
        path.rename(root / f"{path.parent.name}-{path.name}")
    keep(root, *(p.name for p in root.glob("*.png")))


def nested(root: Path) -> None:
    """One folder too high."""
    (root / "all").mkdir()
    for name in ("0", "1"):
        (root / name).rename(root / "all" / name)


def in_parts(root: Path, **parts: tuple[str, ...]) -> None:
    """Class folders below folders for the parts."""
    for part, classes in parts.items():
        for name in classes:
            (root / part / name).mkdir(parents=True)
            for path in root.glob(f"[01]/{'0' if part == 'train' else '1'}*.png"):
                (root / part / name / path.name).write_bytes(path.read_bytes())
    keep(root, *parts)


def loop(root: Path) -> None:
    """A class that holds nothing but links to itself."""
    keep(root, "0")
    (root / "1").mkdir()
    (root / "1" / "round.png").symlink_to("round.png")
    (root / "1" / "again").symlink_to("../1")


PICTURES: dict[str, tuple[Spoil, str]] = {
    "empty folder": (emptied, r"pictures: the folder is empty; put the files of each class in a folder"),
    "no class folders": (flat, r"no class folders, 24 \.png lie directly in it; put the files of each class"),
    "one folder too high": (nested, r"one class only, 'all', with folders in it; did you mean .*pictures/all"),
    "one class": (lambda r: keep(r, "0"), r"one class only, '0'; it takes two classes"),
    "a class of one sample": (lambda r: keep(r, "0", "1/00.png"), r"class '1' has 1 sample; at least 3 .*add samples"),
    "a class without files": (
        lambda r: [p.unlink() for p in (r / "1").iterdir()],
        r"class folder '1' .*holds no file.*fill or remove",
    ),
    "a class of another kind of file": (
        lambda r: [p.rename(p.with_suffix(".pdf")) for p in (r / "1").iterdir()],
        r"class folder '1' .*holds no file",
    ),
    "links that go round": (loop, r"class folder '1' .*holds no file.*fill or remove it"),
    "class in test only": (
        lambda r: in_parts(r, train=("0", "1"), test=("0", "1", "2")),
        r"class '2' is in test but not in train; add files",
    ),
    "two folders for validation": (
        lambda r: in_parts(r, train=("0", "1"), val=("0", "1"), valid=("0", "1")),
        r"both 'val' and 'valid' stand for val; keep one",
    ),
    "zero-byte picture": (lambda r: (r / "0/03.png").write_bytes(b""), r"0/03\.png: the file is empty .*--on-bad skip"),
    "truncated picture": (lambda r: cut(r / "0/03.png", 0.6), r"0/03\.png: .*--on-bad skip"),
    "text named png": (
        lambda r: (r / "0/03.png").write_text("hello"),
        r"0/03\.png: not a picture of a known format.*--on-bad skip",
    ),
    "picture of one colour cut in its header": (lambda r: cut(r / "1/00.png", 0.2), r"1/00\.png: .*--on-bad skip"),
    "floating-point TIFF without numbers": (
        lambda r: Image.fromarray(np.full((8, 8), np.nan, np.float32)).save(r / "0/zz.tif"),
        r"0/zz\.tif: the value at \[0, 0, 0\] is nan",
    ),
    "all pictures broken": (lambda r: [cut(p, 0.3) for p in r.rglob("*.png")], r"pictures/[01]/\d\d\.png: "),
    "a decompression bomb": (lambda r: bomb(r / "0/bomb.png"), r"0/bomb\.png: too large to be decoded"),
    "a name that is not UTF-8": (
        lambda r: os.rename(r / "0/03.png", os.fsencode(r / "0") + b"/\xff.png"),
        r"xff\.png.*: the file's name is not UTF-8; rename",
    ),
    "a broken picture whose name has a line end": (
        lambda r: (r / "0/a\nb.png").write_bytes(b""),
        r"0/a\\nb\.png: the file is empty",
    ),
}  # fmt: skip


def bomb(path: Path) -> None:
    """A header of 60,000 x 60,000 pixels."""
    import zlib

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b""))


@pytest.mark.parametrize(("spoil", "says"), PICTURES.values(), ids=PICTURES)
def test_pictures_that_cannot_be_learnt_are_refused(spoil, says, pictures, quick, refuses):
    spoil(pictures)
    refuses("image", "train", pictures, "--out", "run", *quick, code=3, says=says)


def sound(values: np.ndarray, **settings: str) -> Spoil:
    return lambda root: soundfile.write(root / "low/zz.wav", values, 8_000, **settings)


def not_a_number() -> np.ndarray:
    values = np.zeros(2_000, np.float32)
    values[7] = np.nan
    return values


SOUNDS: dict[str, tuple[Spoil, str]] = {
    "empty folder": (emptied, r"sounds: the folder is empty; put the files of each class"),
    "zero-byte sound": (lambda r: (r / "low/00.wav").write_bytes(b""), r"low/00\.wav: the file is empty"),
    "truncated sound": (lambda r: cut(r / "low/00.wav", 0.5), r"low/00\.wav: WAV file ends after .* of 0\.25 s"),
    "a sound of no samples": (sound(np.zeros(0)), r"low/zz\.wav: WAV file without samples; .*--on-bad skip"),
    "not a number": (sound(not_a_number(), subtype="FLOAT"), r"low/zz\.wav: sample 7 is nan, not a number"),
    "far above full scale": (
        sound(np.full(2_000, 3e4, np.float32), subtype="FLOAT"),
        r"low/zz\.wav: peaks at 3e\+04 times full scale; divide",
    ),
    "text named wav": (lambda r: (r / "low/00.wav").write_text("hello"), r"low/00\.wav: not a sound that can be read"),
    "one class": (lambda r: keep(r, "low"), r"one class only, 'low'"),
}  # fmt: skip


@pytest.mark.parametrize(("spoil", "says"), SOUNDS.values(), ids=SOUNDS)
def test_sounds_that_cannot_be_learnt_are_refused(spoil, says, sounds, quick, refuses):
    spoil(sounds)
    refuses("audio", "train", sounds, "--out", "run", *quick, code=3, says=says)


FILES = {
    "a missing file": ("gone.png,0", r"table\.csv: row 26: no such file .*pictures/gone\.png; 1 of 25 files is"),
    "no path": (",0", r"table\.csv: row 26 has no path; fill it in"),
    "another kind of file": ("0/00.pdf,0", r"table\.csv: row 26: '0/00\.pdf' does not end in .*correct it"),
    "two labels for one file": ("0/00.png,1", r"table\.csv: row 26: 0/00\.png has another label than in row 2"),
    "a folder for a file": ("0,0", r"table\.csv: row 26: '0' does not end in"),
}  # fmt: skip


@pytest.mark.parametrize(("row", "says"), FILES.values(), ids=FILES)
def test_a_table_of_files_is_refused_by_row(row, says, pictures, quick, refuses):
    rows = [f"{digit}/{n:02}.png,{digit}" for digit in (0, 1) for n in range(12)]
    (pictures / "table.csv").write_text("\n".join(["path,label", *rows, row, ""]))
    refuses("image", "train", pictures / "table.csv", "--out", "run", *quick, code=3, says=says)


PLACES = {
    "nowhere": ("photoz", r"no data at 'photoz': no such file or folder.*known: digits|no data at .*did you mean"),
    "a near name": ("digitz", r"no data at 'digitz'.*did you mean digits\?"),
    "an archive": ("photos.zip", r"photos\.zip is packed; unpack it first"),
    "a spreadsheet": ("photos.xlsx", r"photos\.xlsx: \.xlsx files are not read; save the table as CSV"),
    "one picture": ("one.png", r"one\.png is a single sample; give a folder with a folder per class"),
    "a named set that is not there": ("fashion-mnist=nowhere", r"nowhere.*; "),
}


@pytest.mark.parametrize(("data", "says"), PLACES.values(), ids=PLACES)
def test_what_is_no_data_set_is_refused(data, says, tmp_path, quick, refuses):
    for name in ("photos.zip", "photos.xlsx", "one.png"):
        (tmp_path / name).write_bytes(b"x")
    refuses("image", "train", data, "--out", "run", *quick, code=3, says=says)


def test_a_training_part_left_without_a_class_by_skipping_is_refused(pictures, quick, refuses):
    for path in (pictures / "1").iterdir():
        path.write_bytes(b"")
    says = r"no readable training sample of class '1' is left; the first is broken: .*1/\d\d\.png: the file is empty"
    refuses("image", "train", pictures, "--on-bad", "skip", "--out", "run", *quick, code=3, says=says)


def test_an_extra_test_set_with_an_unknown_class_is_refused(pictures, tmp_path, quick, refuses):
    (tmp_path / "more" / "7").mkdir(parents=True)
    (tmp_path / "more" / "7" / "a.png").write_bytes((pictures / "0" / "00.png").read_bytes())
    says = r"7/a\.png: class '7' is not one the model knows; known: 0, 1"
    refuses("image", "train", pictures, "--test", tmp_path / "more", "--out", "run", *quick, code=3, says=says)

"""Odd, old and broken pictures: each is read as the array it was made from, or refused by name; none is touched."""

import hashlib
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from multicnn.data.store import open_store
from multicnn.data.table import Table, strings
from multicnn.errors import DataError
from multicnn.image.decode import decode, header
from multicnn.image.reader import ImageReader

tifffile = pytest.importorskip("tifffile")

H, W = 24, 36
RANDOM = np.random.default_rng(0)
Y, X = np.mgrid[0:H, 0:W]
SMOOTH = np.stack([6 * X + 20, 8 * Y + 30, 250 - 3 * X - 4 * Y], axis=2).clip(0, 255).astype(np.uint8)
GREY = (np.arange(H * W).reshape(H, W, 1) % 251).astype(np.uint8)
ALPHA = np.concatenate([SMOOTH, GREY], axis=2)
DEEP = RANDOM.integers(0, 65536, (H, W, 7), dtype=np.uint16)
FLOATS = RANDOM.normal(size=(H, W, 3)).astype(np.float32)
WIDE = RANDOM.integers(0, 256, (2, 20_000, 3), dtype=np.uint8)
Case = tuple[Callable[[Path], Any], np.ndarray | str]
PASSES = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))  # Adam7


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def filtered(rows: np.ndarray, step: int) -> bytes:
    """The five filters of the PNG specification in turn.  h bytes"""
    out, above = [], np.zeros(rows.shape[1], dtype=int)
    for y, row in enumerate(rows.astype(int)):
        left, corner = (np.concatenate([np.zeros(step, int), a[:-step]]) for a in (row, above))
        slope = left + above - corner
        a, b, c = (abs(slope - n) for n in (left, above, corner))
        paeth = np.where((a <= b) & (a <= c), left, np.where(b <= c, above, corner))
        guess = (0 * row, left, above, (left + above) // 2, paeth)[y % 5]
        out.append(bytes([y % 5]) + ((row - guess) % 256).astype(np.uint8).tobytes())
        above = row
    return b"".join(out)


def png(pixels: np.ndarray, colour: int, *, adam7: bool = False, extra: bytes = b"") -> Callable[[Path], Any]:
    """A file of 8 or 16 bits by the specification.  h w c"""
    parts = [pixels[y::dy, x::dx] for y, x, dy, dx in PASSES] if adam7 else [pixels]
    step = pixels.shape[2] * pixels.itemsize
    rows = [np.ascontiguousarray(p.astype(p.dtype.newbyteorder(">"))).view(np.uint8).reshape(len(p), -1) for p in parts]
    size = (pixels.shape[1], pixels.shape[0], 8 * pixels.itemsize, colour, 0, 0, adam7)
    body = zlib.compress(b"".join(filtered(r, step) for r in rows))
    head = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", *size))
    return lambda path: path.write_bytes(head + extra + chunk(b"IDAT", body) + chunk(b"IEND", b""))


def saved(pixels: np.ndarray, **settings: Any) -> Callable[[Path], Any]:
    """By Pillow."""
    picture = Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)
    return lambda path: picture.save(path, **settings)


def converted(mode: str, pixels: np.ndarray = SMOOTH, **settings: Any) -> Callable[[Path], Any]:
    return lambda path: Image.fromarray(pixels).convert(mode).save(path, **settings)


def tiff(pixels: np.ndarray, **settings: Any) -> Callable[[Path], Any]:
    return lambda path: tifffile.imwrite(path, pixels, **settings)


def turned(orientation: int) -> Callable[[Path], Any]:
    """As a camera held so stores it: the inverse of what the EXIF standard asks the viewer to do."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    ways = {5: (0, True), 6: (1, False), 7: (2, True), 8: (-1, False), 3: (2, False)}
    stored = {2: np.fliplr(SMOOTH), 4: np.flipud(SMOOTH)}.get(orientation)
    if stored is None:
        quarter, swap = ways.get(orientation, (0, False))
        stored = np.rot90(SMOOTH, quarter)
        stored = stored.transpose(1, 0, 2) if swap else stored
    picture = Image.fromarray(np.ascontiguousarray(stored))
    return lambda path: picture.save(path, exif=exif, quality=97, subsampling=0)


def cut(make: Callable[[Path], Any], share: float) -> Callable[[Path], Any]:
    """The first part of a file."""

    def write(path: Path) -> None:
        make(path)
        path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])

    return write


def edited(make: Callable[[Path], Any], change: Callable[[bytes], bytes]) -> Callable[[Path], Any]:
    def write(path: Path) -> None:
        make(path)
        path.write_bytes(change(path.read_bytes()))

    return write


def indexed(colours: int, **settings: Any) -> tuple[Callable[[Path], Any], np.ndarray]:
    """A palette picture, and its colours."""
    index = (np.arange(H * W).reshape(H, W) % colours).astype(np.uint8)
    palette = RANDOM.integers(0, 256, (colours, 3), dtype=np.uint8)
    picture = Image.fromarray(index, "L")
    picture.putpalette(palette.tobytes())
    return lambda path: picture.save(path, **settings), palette[index]


def animated(**settings: Any) -> Callable[[Path], Any]:
    other = Image.fromarray(255 - SMOOTH)
    return lambda path: Image.fromarray(SMOOTH).save(path, save_all=True, append_images=[other], **settings)


def clear(make: Callable[[Path], Any], pixels: np.ndarray) -> np.ndarray:
    """Palette colours of which the first is transparent.  h w 3 -> h w 4"""
    opaque = np.where(np.arange(H * W).reshape(H, W, 1) % 4 == 0, 0, 255).astype(np.uint8)
    return np.concatenate([pixels, opaque], axis=2)


few, few_colours = indexed(4)
clear_few, clear_colours = indexed(4, transparency=0)
gif_few, gif_colours = indexed(16)
bmp_few, bmp_colours = indexed(200)
CHANNELS5 = np.moveaxis(DEEP[..., :5], 2, 0)
NAN = np.where(np.arange(H * W).reshape(H, W) == 100, np.nan, FLOATS[..., 0]).astype(np.float32)
JPEG = saved(SMOOTH, quality=97, subsampling=0)
CASES: dict[str, Case] = {
    "grey 8.png": (png(GREY, 0), GREY),
    "grey 16.png": (png(DEEP[..., :1], 0), DEEP[..., :1]),
    "grey alpha 16.png": (png(DEEP[..., :2], 4), DEEP[..., :2]),
    "colour 8.png": (png(SMOOTH, 2), SMOOTH),
    "colour 16.png": (png(DEEP[..., :3], 2), DEEP[..., :3]),
    "colour 16 interlaced.png": (png(DEEP[..., :3], 2, adam7=True), DEEP[..., :3]),
    "colour alpha 8.png": (png(ALPHA, 6), ALPHA),
    "colour alpha 16.png": (png(DEEP[..., :4], 6), DEEP[..., :4]),
    "colour alpha 16 interlaced.png": (png(DEEP[..., :4], 6, adam7=True), DEEP[..., :4]),
    "colour 16, one transparent.png": (
        png(DEEP[..., :3], 2, extra=chunk(b"tRNS", DEEP[3, 4, :3].astype(">u2").tobytes())),
        np.concatenate([DEEP[..., :3], np.where((X == 4) & (Y == 3), 0, 65535)[..., None].astype(np.uint16)], axis=2),
    ),
    "one bit.png": (saved(GREY > 125), (GREY > 125) * np.uint8(255)),
    "one bit.pbm": (saved(GREY > 125), (GREY > 125) * np.uint8(255)),
    "two bits of palette.png": (few, few_colours),
    "palette with transparency.png": (clear_few, clear(clear_few, clear_colours)),
    "grey alpha.png": (saved(ALPHA[..., 2:]), ALPHA[..., [2, 2, 2, 3]]),
    "palette.gif": (gif_few, gif_colours),
    "animated.webp": (animated(lossless=True), SMOOTH),
    "lossless.webp": (saved(SMOOTH, lossless=True), SMOOTH),
    "colour.bmp": (saved(SMOOTH), SMOOTH),
    "palette.bmp": (bmp_few, bmp_colours),
    "colour.tga": (saved(SMOOTH), SMOOTH),
    "colour.ppm": (saved(SMOOTH), SMOOTH),
    "grey 16.pgm": (saved(DEEP[..., :1]), DEEP[..., :1]),
    "grey 16.tif": (tiff(DEEP[..., 0]), DEEP[..., :1]),
    "grey 16 big-endian.tif": (tiff(DEEP[..., 0], byteorder=">"), DEEP[..., :1]),
    "colour 16.tif": (tiff(DEEP[..., :3], photometric="rgb"), DEEP[..., :3]),
    "colour 16 big-endian.tif": (tiff(DEEP[..., :3], photometric="rgb", byteorder=">"), DEEP[..., :3]),
    "colour 16 packed.tif": (tiff(DEEP[..., :3], photometric="rgb", compression="zlib"), DEEP[..., :3]),
    "colour 16 in planes.tif": (
        tiff(np.moveaxis(DEEP[..., :3], 2, 0), photometric="rgb", planarconfig="separate"),
        DEEP[..., :3],
    ),
    "colour alpha 16.tif": (tiff(DEEP[..., :4], photometric="rgb", extrasamples=["unassalpha"]), DEEP[..., :4]),
    "seven channels.tif": (tiff(DEEP, photometric="minisblack", planarconfig="contig"), DEEP),
    "five channels as pages.tif": (tiff(CHANNELS5, imagej=True, metadata={"axes": "CYX"}), DEEP[..., :5]),
    "many pages.tif": (tiff(np.moveaxis(DEEP[..., :5], 2, 0), photometric="minisblack"), DEEP[..., :1]),
    "beyond 4 GiB.tif": (tiff(DEEP[..., 0], bigtiff=True), DEEP[..., :1]),
    "floats.tif": (tiff(FLOATS[..., 0]), FLOATS[..., :1]),
    "colour floats.tif": (tiff(FLOATS, photometric="rgb"), FLOATS),
    "signed 16.tif": (tiff(DEEP[..., 0].view(np.int16)), DEEP[..., :1].view(np.int16).astype(np.int32)),
    "grey 16.npy": (lambda path: np.save(path, DEEP[..., 0]), DEEP[..., :1]),
    "floats.npy": (lambda path: np.save(path, FLOATS), FLOATS),
    "channels first.npy": (lambda path: np.save(path, CHANNELS5), DEEP[..., :5]),
    "named.npz": (lambda path: np.savez(path, image=SMOOTH, label=np.array(3)), SMOOTH),
    "one pixel.png": (saved(SMOOTH[:1, :1]), SMOOTH[:1, :1]),
    "one row of 20,000.png": (saved(WIDE[:1]), WIDE[:1]),
    "one column of 20,000.png": (saved(WIDE[:1].transpose(1, 0, 2)), WIDE[:1].transpose(1, 0, 2)),
    "20,000 wide.png": (saved(WIDE), WIDE),
    "png by its content.jpg": (png(SMOOTH, 2), SMOOTH),
    "upper case.PNG": (png(SMOOTH, 2), SMOOTH),
    "spaces and кириллица.png": (png(SMOOTH, 2), SMOOTH),
}
LOSSY: dict[str, Case] = {
    "plain.jpg": (JPEG, SMOOTH),
    "progressive.jpg": (saved(SMOOTH, quality=97, subsampling=0, progressive=True), SMOOTH),
    "grey.jpg": (converted("L", SMOOTH[..., 1], quality=97), SMOOTH[..., 1:2]),
    "cmyk.jpg": (converted("CMYK", quality=97), SMOOTH),
    "cmyk.tif": (converted("CMYK"), SMOOTH),
    "jpeg by its content.png": (lambda path: Image.fromarray(SMOOTH).save(path, "JPEG", quality=97), SMOOTH),
    "animated.gif": (animated(), SMOOTH),
    **{f"exif {n}.jpg": (turned(n), SMOOTH) for n in range(1, 9)},
}
BAD: dict[str, Case] = {
    "empty.jpg": (lambda path: path.write_bytes(b""), "the file is empty"),
    "empty.tif": (lambda path: path.write_bytes(b""), "the file is empty"),
    "text.jpg": (lambda path: path.write_text("not a picture"), "not a picture of a known format"),
    "page not found.png": (lambda path: path.write_text("<!doctype html><title>404</title>"), "not a picture"),
    "cut short.jpg": (cut(JPEG, 0.5), "[Tt]runcated"),
    "cut short.png": (cut(png(DEEP[..., :3], 2), 0.5), "truncated"),
    "cut short.tif": (cut(tiff(FLOATS, photometric="rgb"), 0.5), "mend or remove"),
    "cut short.npy": (cut(lambda path: np.save(path, DEEP), 0.5), "mend or remove"),
    "header only.jpg": (cut(JPEG, 0.02), "mend or remove|not a picture"),
    "12 bits.jpg": (edited(JPEG, lambda b: b.replace(b"\xff\xc0\x00\x11\x08", b"\xff\xc0\x00\x11\x0c")), "mend|not a"),
    "damaged.png": (edited(png(SMOOTH, 2), lambda b: b.replace(b"IDAT", b"IDAX")), "mend|not a picture"),
    "bomb.png": (
        edited(
            png(SMOOTH, 2),
            lambda b: b[:8] + chunk(b"IHDR", struct.pack(">IIBBBBB", 10**5, 10**5, 8, 2, 0, 0, 0)) + b[33:],
        ),
        "too large",
    ),
    "not a number.tif": (tiff(NAN), r"the value at \[2, 28, 0\] is nan"),
    "complex.npy": (lambda path: np.save(path, FLOATS.astype(complex)), "complex"),
    "objects.npy": (lambda path: np.save(path, np.array([{}], dtype=object), allow_pickle=True), "mend or remove"),
    "two arrays.npz": (lambda path: np.savez(path, a=SMOOTH, b=SMOOTH), "holds several arrays"),
    "series.npy": (lambda path: np.save(path, np.zeros(9)), "not a picture"),
}


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("name", CASES)
def test_lossless_picture_is_read_as_the_array_it_was_made_from(tmp_path: Path, name: str) -> None:
    make, expected = CASES[name]
    assert isinstance(expected, np.ndarray)
    make(tmp_path / name)
    before = digest(tmp_path / name)
    pixels = decode(tmp_path / name, (1, 1))
    assert pixels.dtype == expected.dtype
    assert np.array_equal(pixels, expected)
    assert header(tmp_path / name)[:2] == expected.shape[:2]
    assert digest(tmp_path / name) == before


@pytest.mark.parametrize("name", LOSSY)
def test_lossy_picture_is_close_to_the_array_it_was_made_from(tmp_path: Path, name: str) -> None:
    make, expected = LOSSY[name]
    assert isinstance(expected, np.ndarray)
    make(tmp_path / name)
    before = digest(tmp_path / name)
    pixels = decode(tmp_path / name, (1000, 1000))
    assert pixels.shape == expected.shape
    assert np.abs(pixels.astype(int) - expected).mean() < 4
    assert header(tmp_path / name)[:2] == (H, W)
    assert digest(tmp_path / name) == before


@pytest.mark.parametrize("name", BAD)
def test_bad_picture_is_refused_in_one_line_that_names_it(tmp_path: Path, name: str) -> None:
    make, reason = BAD[name]
    make(tmp_path / name)
    before = digest(tmp_path / name)
    with pytest.raises(DataError, match=str(reason)) as error:
        ImageReader(size=(8, 8), span=(-3, 3))(str(tmp_path / name))
    assert str(error.value).startswith(str(tmp_path / name))
    assert "\n" not in str(error.value)
    assert digest(tmp_path / name) == before


def test_the_store_holds_the_good_ones_names_the_bad_ones_and_touches_none(tmp_path: Path) -> None:
    for name, (make, _) in (CASES | LOSSY | BAD).items():
        make(tmp_path / name)
    names = sorted(CASES | LOSSY | BAD)
    before = [digest(tmp_path / name) for name in names]
    table = Table("torture", strings(tmp_path / n for n in names), strings(names), ("a",), np.zeros(len(names), int))
    store = open_store(table, ImageReader(size=(16, 16), span=(-3, 3)))
    refused = {names[row]: why for row, why in store.bad.items()}
    assert set(BAD) <= set(refused)
    more_channels = {name for name, (_, e) in CASES.items() if isinstance(e, np.ndarray) and e.shape[2] > 4}
    assert set(refused) - set(BAD) == more_channels
    assert all(str(tmp_path / name) in why for name, why in refused.items())
    assert [digest(tmp_path / name) for name in names] == before


def test_there_are_enough_of_them() -> None:
    assert len(CASES | LOSSY | BAD) >= 40

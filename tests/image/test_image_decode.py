"""Every kind of picture file is read right, or named with the reason."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from multicnn.errors import DataError
from multicnn.image.decode import decode, header
from multicnn.image.reader import ImageReader

HEIGHT, WIDTH = 24, 36


@pytest.fixture
def colours() -> np.ndarray:
    """A smooth picture without symmetry, which JPEG keeps well.  h w 3"""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    return np.stack([6 * x + 20, 8 * y + 30, 250 - 3 * x - 4 * y], axis=2).clip(0, 255).astype(np.uint8)


@pytest.fixture
def grey() -> np.ndarray:
    return (np.arange(HEIGHT * WIDTH).reshape(HEIGHT, WIDTH) % 251).astype(np.uint8)


def read(path: Path, channels: int = 3, depth: int = 8) -> np.ndarray:
    """As the net is given it, at its own size.  -> h w c"""
    return ImageReader(size=(HEIGHT, WIDTH), channels=channels, depth=depth)(str(path)).transpose(1, 2, 0)


def luma(rgb: np.ndarray) -> np.ndarray:
    """BT.601 by its definition.  h w 3 -> h w 1"""
    return np.rint(rgb @ np.array([0.299, 0.587, 0.114]))[..., None]


@pytest.mark.parametrize("suffix", ["png", "bmp", "tif", "ppm", "tga"])
def test_lossless_colour_is_exact(tmp_path: Path, colours: np.ndarray, suffix: str) -> None:
    Image.fromarray(colours).save(tmp_path / f"a.{suffix}")
    assert np.array_equal(read(tmp_path / f"a.{suffix}"), colours)


def test_lossless_webp_is_exact(tmp_path: Path, colours: np.ndarray) -> None:
    Image.fromarray(colours).save(tmp_path / "a.webp", lossless=True)
    assert np.array_equal(read(tmp_path / "a.webp"), colours)


@pytest.mark.parametrize("settings", [{}, {"progressive": True}, {"subsampling": 2}, {"restart_marker_blocks": 1}])
def test_jpeg_is_the_picture_it_was_made_from(tmp_path: Path, colours: np.ndarray, settings: dict[str, int]) -> None:
    Image.fromarray(colours).save(tmp_path / "a.jpg", quality=95, **settings)
    assert np.abs(read(tmp_path / "a.jpg").astype(int) - colours).mean() < 2


def test_colour_jpeg_read_as_grey_is_its_luma(tmp_path: Path, colours: np.ndarray) -> None:
    Image.fromarray(colours).save(tmp_path / "a.jpg", quality=95)
    assert np.abs(read(tmp_path / "a.jpg", channels=1) - luma(colours)).mean() < 2


def test_grey_jpeg_among_colour_has_three_equal_channels(tmp_path: Path, grey: np.ndarray) -> None:
    Image.fromarray(grey).save(tmp_path / "a.jpg", quality=100)
    out = read(tmp_path / "a.jpg")
    assert np.array_equal(out[..., 0], out[..., 1])
    assert np.array_equal(out[..., 0], out[..., 2])
    assert np.abs(out[..., 0].astype(int) - grey).mean() < 2


def test_cmyk_jpeg_comes_as_colour(tmp_path: Path, colours: np.ndarray) -> None:
    Image.fromarray(colours).convert("CMYK").save(tmp_path / "a.jpg", quality=95)
    assert np.abs(read(tmp_path / "a.jpg").astype(int) - colours).mean() < 3


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_all_exif_orientations_come_out_upright(
    tmp_path: Path, colours: np.ndarray, orientation: int, suffix: str
) -> None:
    """Stored the way a camera held so would store it: the inverse of what the EXIF standard asks the viewer to do."""
    stored = {
        1: colours,
        2: np.fliplr(colours),
        3: np.rot90(colours, 2),
        4: np.flipud(colours),
        5: colours.transpose(1, 0, 2),
        6: np.rot90(colours, 1),
        7: np.rot90(colours, 2).transpose(1, 0, 2),
        8: np.rot90(colours, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    settings = {"jpg": {"quality": 95, "subsampling": 0}, "webp": {"lossless": True}}.get(suffix, {})
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(np.ascontiguousarray(stored)).save(path, exif=exif, **settings)
    assert np.abs(read(path).astype(int) - colours).mean() < (2 if suffix == "jpg" else 1e-9)
    assert header(path)[:2] == (HEIGHT, WIDTH)


def test_rotated_jpeg_is_also_decoded_small(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (800, 400), (10, 200, 90)).save(tmp_path / "a.jpg", exif=exif)
    small = decode(tmp_path / "a.jpg", (60, 30))
    assert small.shape == (100, 50, 3)


def test_16_bit_grey_keeps_all_its_bits(tmp_path: Path) -> None:
    deep = (np.arange(HEIGHT * WIDTH, dtype=np.uint16) * 75).reshape(HEIGHT, WIDTH)
    for name in ("a.png", "a.tif", "a.pgm"):
        Image.fromarray(deep).save(tmp_path / name)
        assert np.array_equal(read(tmp_path / name, channels=1, depth=16)[..., 0], deep)
        assert header(tmp_path / name)[2:] == (1, 16)


def test_16_bit_grey_among_8_bit_is_rounded_not_clipped(tmp_path: Path) -> None:
    deep = (np.arange(HEIGHT * WIDTH, dtype=np.uint16) * 75).reshape(HEIGHT, WIDTH)
    Image.fromarray(deep).save(tmp_path / "a.png")
    assert np.array_equal(read(tmp_path / "a.png", channels=1)[..., 0], np.rint(deep / 257))


def test_8_bit_among_16_bit_spans_the_same_range(tmp_path: Path, grey: np.ndarray) -> None:
    Image.fromarray(grey).save(tmp_path / "a.png")
    assert np.array_equal(read(tmp_path / "a.png", channels=1, depth=16)[..., 0], grey.astype(np.uint16) * 257)


def png(rows: np.ndarray, bits: int, colour_type: int) -> bytes:
    """A PNG file, unfiltered, written by the specification.  h bytes"""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, bits, colour_type, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("channels", "colour_type"), [(2, 4), (3, 2), (4, 6)])
def test_16_bit_colour_png_comes_with_all_its_bits(tmp_path: Path, channels: int, colour_type: int) -> None:
    deep = np.random.default_rng(0).integers(0, 65536, (HEIGHT, WIDTH, channels), dtype=np.uint16)
    (tmp_path / "a.png").write_bytes(png(deep.astype(">u2"), 16, colour_type))
    assert np.array_equal(decode(tmp_path / "a.png", (1, 1)), deep)
    assert header(tmp_path / "a.png").depth == 16


def test_palette_is_looked_up(tmp_path: Path) -> None:
    index = (np.arange(HEIGHT * WIDTH).reshape(HEIGHT, WIDTH) % 4).astype(np.uint8)
    palette = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [9, 8, 7]], dtype=np.uint8)
    picture = Image.fromarray(index).convert("P")
    picture.putpalette(palette.tobytes())
    for name in ("a.png", "a.gif", "a.bmp"):
        picture.save(tmp_path / name)
        assert np.array_equal(read(tmp_path / name), palette[index])


def test_transparent_palette_entry_shows_the_background(tmp_path: Path) -> None:
    index = (np.arange(HEIGHT * WIDTH).reshape(HEIGHT, WIDTH) % 2).astype(np.uint8)
    picture = Image.fromarray(index).convert("P")
    picture.putpalette(bytes([200, 10, 10, 10, 200, 10]))
    picture.save(tmp_path / "a.png", transparency=1)
    reader = ImageReader(size=(HEIGHT, WIDTH), background=(1, 2, 3))
    expected = np.array([[200, 10, 10], [1, 2, 3]])[index]
    assert np.array_equal(reader(tmp_path / "a.png").transpose(1, 2, 0), expected)


def test_alpha_is_composited_on_the_stated_background(tmp_path: Path, colours: np.ndarray, grey: np.ndarray) -> None:
    Image.fromarray(np.dstack([colours, grey])).save(tmp_path / "a.png")
    behind = np.array([40, 90, 160])
    share = grey[..., None] / 255
    expected = np.rint(colours * share + behind * (1 - share))
    reader = ImageReader(size=(HEIGHT, WIDTH), background=(40, 90, 160))
    assert np.abs(reader(tmp_path / "a.png").transpose(1, 2, 0) - expected).max() == 0


def test_grey_with_alpha_is_composited_too(tmp_path: Path, grey: np.ndarray) -> None:
    alpha = grey[::-1]
    Image.merge("LA", [Image.fromarray(grey), Image.fromarray(alpha.copy())]).save(tmp_path / "a.png")
    expected = np.rint(grey * (alpha / 255) + 255 * (1 - alpha / 255))
    assert np.abs(read(tmp_path / "a.png", channels=1)[..., 0] - expected).max() == 0
    assert header(tmp_path / "a.png").channels == 1


def test_four_channels_keep_alpha_and_give_opaque_ones(tmp_path: Path, colours: np.ndarray, grey: np.ndarray) -> None:
    Image.fromarray(np.dstack([colours, grey])).save(tmp_path / "rgba.png")
    Image.fromarray(colours).save(tmp_path / "rgb.png")
    assert np.array_equal(read(tmp_path / "rgba.png", channels=4), np.dstack([colours, grey]))
    assert np.array_equal(read(tmp_path / "rgb.png", channels=4), np.dstack([colours, np.full_like(grey, 255)]))


def test_one_bit_is_black_and_white(tmp_path: Path, grey: np.ndarray) -> None:
    Image.fromarray(grey > 100).save(tmp_path / "a.png")
    assert np.array_equal(read(tmp_path / "a.png", channels=1)[..., 0], np.where(grey > 100, 255, 0))


def test_animation_gives_its_first_frame(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (WIDTH, HEIGHT), c) for c in ((255, 0, 0), (0, 255, 0))]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    assert np.array_equal(read(tmp_path / "a.gif")[0, 0], (255, 0, 0))


def test_one_pixel_and_very_wide_pictures_are_read(tmp_path: Path) -> None:
    Image.new("RGB", (1, 1), (5, 6, 7)).save(tmp_path / "one.png")
    Image.new("RGB", (5000, 1), (5, 6, 7)).save(tmp_path / "wide.png")
    for resize in ("crop", "squash"):
        for name in ("one.png", "wide.png"):
            out = ImageReader(size=(9, 7), resize=resize)(tmp_path / name)
            assert (out == np.array([5, 6, 7])[:, None, None]).all()
    padded = ImageReader(size=(9, 7), resize="pad")(tmp_path / "wide.png")
    assert (padded[:, 4] == np.array([5, 6, 7])[:, None]).all()
    assert (np.delete(padded, 4, axis=1) == 255).all()


def truncated(data: bytes) -> bytes:
    return data[: len(data) * 2 // 3]


def noise(mode: str = "RGB") -> Image.Image:
    values = np.random.default_rng(0).integers(0, 256, (60, 60, 3), dtype=np.uint8)
    return Image.fromarray(values).convert(mode)


def bomb(path: Path) -> None:
    """20,000 x 20,000 pixels in a small file: a header and rows that never come."""
    data = bytearray(png(np.zeros((HEIGHT, WIDTH), np.uint8), 8, 0))
    data[16:24] = struct.pack(">II", 20_000, 20_000)
    data[29:33] = struct.pack(">I", zlib.crc32(bytes(data[12:29])))
    path.write_bytes(bytes(data))


def cut(suffix: str, path: Path) -> None:
    noise().save(path.with_suffix(suffix))
    path.write_bytes(truncated(path.with_suffix(suffix).read_bytes()))


BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "truncated JPEG": (lambda p: cut(".jpg", p), "truncated"),
    "truncated PNG": (lambda p: cut(".png", p), "truncated|broken"),
    "truncated GIF": (lambda p: cut(".gif", p), "truncated"),
    "zero bytes": (lambda p: p.write_bytes(b""), "empty"),
    "text": (lambda p: p.write_text("not a picture " * 20), "not a picture of a known format"),
    "folder": (lambda p: p.mkdir(), "a folder, not a picture"),
    "missing": (lambda p: None, "no such file"),
    "float TIFF": (lambda p: noise("F").save(p, format="TIFF"), "float32: has no agreed black"),
    "32-bit TIFF": (lambda p: noise("I").save(p, format="TIFF"), "int32: has no agreed black"),
    "decompression bomb": (bomb, "too large to be decoded"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_file_is_named_with_the_reason_and_left_alone(tmp_path: Path, kind: str) -> None:
    make, reason = BAD[kind]
    path = tmp_path / "bad.img"
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(DataError, match=reason) as error:
        read(path)
    assert str(error.value).startswith(f"{path}: ")
    assert "\n" not in str(error.value)
    assert (path.read_bytes() if path.is_file() else None) == before


def test_flaw_that_costs_no_pixel_is_forgiven(tmp_path: Path, colours: np.ndarray) -> None:
    """Many cameras and web sites leave stray bytes before a marker; strict decoders refuse such files."""
    Image.fromarray(colours).save(tmp_path / "a.jpg", quality=95)
    data = (tmp_path / "a.jpg").read_bytes()
    place = data.index(b"\xff\xdb")
    (tmp_path / "a.jpg").write_bytes(data[:place] + b"\x00\x00" + data[place:])
    assert np.abs(read(tmp_path / "a.jpg").astype(int) - colours).mean() < 2

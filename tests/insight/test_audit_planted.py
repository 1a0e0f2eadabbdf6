"""Duplicates planted in real data of each modality, and what is wrong with single samples: all found, nothing else."""

from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from multicnn import api

Found = Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]
RATE = 8_000


def audited(modality: str, data: Path, out: Path, **flags) -> Found:
    """ids and what is beside them, by check."""
    result = api.audit(modality, data, out=out, **flags)
    return {f["check"]: (f["ids"], f["beside"]) for f in result["findings"]}


def pairs(found: Found, kind: str) -> set[frozenset[str]]:
    """What is said to be twice there, in any part."""
    checks = [check for check in found if check.startswith(f"{kind}-duplicate")]
    return {frozenset(pair) for check in checks for pair in zip(*found[check], strict=True)}


def jpeg(image: Image.Image, quality: int = 75) -> Image.Image:
    file = BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(file)


PICTURES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "coded": jpeg,
    "half": lambda image: image.resize((image.width // 2, image.height // 2), Image.Resampling.BICUBIC),
    "large": lambda image: image.resize((image.width * 3 // 2, image.height * 3 // 2), Image.Resampling.BICUBIC),
    "bright": lambda image: image.point(lambda v: min(255, round(v * 1.15))),
    "cropped": lambda image: image.crop((1, 1, image.width - 1, image.height - 1)),
}


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """160 pieces of 96 x 96 pixels of two photographs, in two classes."""
    from sklearn.datasets import load_sample_images

    root = tmp_path / "photos"
    for label, photo in zip("ab", load_sample_images().images, strict=True):
        (root / label).mkdir(parents=True)
        for n in range(80):
            top, left = 30 * (n // 10), 48 * (n % 10)
            small = Image.fromarray(photo[top : top + 192, left : left + 192]).resize((96, 96))
            if n % 4 == 0 or n % 10 % 4 == 0:
                small.save(root / label / f"{n:02}.png")
    return root


def test_pictures_written_anew(photos, tmp_path):
    originals = sorted(photos.glob("*/*.png"))
    planted = set()
    for n, (name, change) in enumerate(PICTURES.items()):
        for original in originals[n :: len(originals) // 6]:
            copy = original.with_name(f"{original.stem}-{name}.png")
            change(Image.open(original)).save(copy)
            planted.add(frozenset(path.relative_to(photos).as_posix() for path in (original, copy)))
    exact = photos / "b" / "again.bmp"
    Image.open(originals[0]).save(exact)
    Image.new("RGB", (96, 96), "navy").save(photos / "a" / "navy.png")
    Image.new("RGB", (96, 96), "white").save(photos / "b" / "white.png")
    Image.new("RGB", (96, 1_200), "white").save(photos / "b" / "long.png")
    (photos / "b" / "broken.png").write_bytes(originals[0].read_bytes()[:300])
    (photos / "a" / "empty.png").write_bytes(b"")
    found = audited("image", photos, tmp_path / "audit")
    assert set(found["unreadable"][0]) == {"b/broken.png", "a/empty.png"}
    assert set(found["blank"][0]) == {"a/navy.png", "b/white.png", "b/long.png"}
    assert "b/long.png" in found["odd-size"][0]
    assert set(found["exact-duplicate-labels"][0] + found["exact-duplicate-labels"][1]) == {"b/again.bmp", "a/00.png"}
    told = pairs(found, "near")
    assert len(told & planted) >= 0.9 * len(planted), planted - told
    assert not told - planted


def test_pictures_of_other_colours_are_others():
    """Noisy discs at one place against each other, and against themselves written anew."""
    from multicnn.image.fingerprint import coloured_alike, tints

    def tint(image: Image.Image) -> np.ndarray:
        return tints(np.array(image).transpose(2, 0, 1)[None])

    colours = {"red": (220, 30, 30), "green": (30, 180, 40), "blue": (40, 40, 220), "white": (255, 255, 255),
               "orange": (240, 150, 20)}  # fmt: skip
    random = np.random.default_rng(0)
    y, x = np.mgrid[:48, :48]
    discs = {}
    for name, colour in colours.items():
        ground = (20, 120, 40) if name == "orange" else (0, 0, 0)
        disc = np.where((np.hypot(y - 24, x - 20) < 12)[..., None], colour, ground)
        noisy = disc + random.integers(-20, 21, disc.shape)
        discs[name] = Image.fromarray(noisy.clip(0, 255).astype(np.uint8))
    for name, disc in discs.items():
        assert [other for other in discs if coloured_alike(tint(disc), tint(discs[other]))[0]] == [name]
        for change in PICTURES.values():
            assert coloured_alike(tint(disc), tint(change(disc)))[0], (name, change)


def test_cells_of_colour_are_means_over_any_size():
    from multicnn.image.fingerprint import shares, tints

    pictures = np.random.default_rng(0).integers(0, 256, (2, 3, 8, 12)).astype(np.uint8)
    means = pictures.reshape(2, 3, 4, 2, 4, 3).mean(axis=(3, 5))
    grey = (means * np.array([0.299, 0.587, 0.114])[:, None, None]).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(tints(pictures), means - grey, atol=1e-3)
    np.testing.assert_allclose(tints(pictures.repeat(3, axis=2)), tints(pictures), atol=1e-3)
    for size in (1, 2, 3, 5, 97):
        np.testing.assert_allclose(shares(size).sum(axis=1), 1, rtol=1e-5)


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """90 recorded notes, 3 instruments."""
    from multicnn.audio import DATASETS

    table = DATASETS["instruments"](None)
    root = tmp_path / "notes"
    for name, path in list(zip(table.ids, table.items, strict=True)):
        label, file = str(name).split("/")
        if label in ("brass", "guitar", "strings", "flute") and not file.endswith("-r.flac"):
            (root / label).mkdir(parents=True, exist_ok=True)
            (root / label / file).write_bytes(Path(str(path)).read_bytes())
    return root


def test_sounds_written_anew(notes, tmp_path):
    import soundfile
    from soxr import resample

    def changed(sound: np.ndarray, rate: int, name: str) -> tuple[np.ndarray, int, str]:
        return {
            "ogg": lambda: (sound, rate, "ogg"),
            "mp3": lambda: (sound, rate, "mp3"),
            "louder": lambda: ((sound * 10 ** (1 / 20)).clip(-1, 1), rate, "wav"),
            "softer": lambda: (sound * 10 ** (-1 / 20), rate, "wav"),
            "slower": lambda: (resample(sound, rate, 11_025), 11_025, "wav"),
            "later": lambda: (np.concatenate([np.zeros(rate // 50), sound]), rate, "flac"),
        }[name]()

    originals = sorted(notes.glob("*/*.flac"))
    before = pairs(audited("audio", notes, tmp_path / "before"), "near")
    planted = set()
    for n, original in enumerate(originals[::3]):
        name = ("ogg", "mp3", "louder", "softer", "slower", "later")[n % 6]
        sound, rate, suffix = changed(*soundfile.read(original, dtype="float32"), name)
        copy = original.with_name(f"{original.stem}-{name}.{suffix}")
        soundfile.write(copy, sound, rate)
        planted.add(frozenset(path.relative_to(notes).as_posix() for path in (original, copy)))
    label = originals[0].parent
    soundfile.write(label / "silence.wav", np.zeros(8_000), 8_000)
    soundfile.write(label / "click.wav", np.random.default_rng(0).normal(size=100) * 0.1, 8_000)
    soundfile.write(label / "one.wav", np.full(1, 0.3), 8_000)
    soundfile.write(label / "cut.wav", np.sign(np.sin(np.arange(8_000) / 9)), 8_000)
    (label / "broken.wav").write_bytes(b"RIFF")
    found = audited("audio", notes, tmp_path / "audit")
    for check, file in (("silent", "silence"), ("short", "click"), ("clipped", "cut"), ("unreadable", "broken")):
        assert f"{label.name}/{file}.wav" in found[check][0]
    assert f"{label.name}/one.wav" in found["short"][0]
    assert f"{label.name}/one.wav" not in found["silent"][0]
    told = pairs(found, "near")
    hits = {pair for pair in planted if any(pair <= one | two for one in told for two in told if one & two)}
    assert len(hits) >= 0.9 * len(planted), planted - hits
    names = {name for pair in planted for name in pair}
    assert all(pair & names or pair in before for pair in told)


def test_texts_written_anew(tmp_path):
    from multicnn.text import reviews

    table = reviews(None)
    texts = [str(t) for t in table.items if 60 < len(t) < 300][:600]
    changes = (str.upper, str.title, lambda t: t.replace(" ", "  "), lambda t: t.rstrip(".! ") + " !!!",
               lambda t: " ".join(t.split()[:-1])[:-1] if len(t) > 150 else t.lower() + ".")  # fmt: skip
    copies = [changes[n % len(changes)](texts[n]) for n in range(60)]
    odd = ["", "?!", "привет".encode().decode("latin-1"), "это написано иначе", texts[0]]
    lines = [*texts, *copies, *odd]
    path = tmp_path / "texts.csv"
    rows = "".join('"{}",{}\n'.format(t.replace('"', '""'), "ab"[n % 2]) for n, t in enumerate(lines))
    path.write_text("text,label\n" + rows, encoding="utf-8")
    found = audited("text", path, tmp_path / "audit")
    name = [f"texts.csv:{row}" for row in range(2, len(lines) + 2)]
    start = len(texts) + len(copies)
    assert set(found["empty"][0]) == set(name[start : start + 2])
    assert name[start + 2] in found["encoding"][0]
    assert set(found["script"][0]) == {name[start + 3]}
    assert any(name[start + 4] in pair for pair in pairs(found, "exact"))
    planted = {frozenset((name[n], name[len(texts) + n])) for n in range(60)}
    told = pairs(found, "near")
    assert len(told & planted) >= 0.95 * len(planted), [
        lines[int(min(p, key=len).split(":")[1]) - 2] for p in planted - told
    ]
    assert len(told - planted) <= 3


def test_texts_that_differ_in_a_number_are_different():
    from multicnn.text.fingerprint import fold, resemble

    template = "the flight number {} from Boston to Denver leaves at noon on every second Monday"
    assert resemble(fold(template.format(12)), fold(template.format(12).upper() + "!"))
    assert not resemble(fold(template.format(12)), fold(template.format(13)))
    assert resemble("", "")


def test_series_are_told_by_their_content(tmp_path):
    rng = np.random.default_rng(0)
    for label in "ab":
        (tmp_path / "series" / label).mkdir(parents=True)
        for n in range(12):
            np.save(tmp_path / "series" / label / f"{n}.npy", rng.normal(size=(50, 3)))
    first = tmp_path / "series" / "a" / "0.npy"
    (first.parent / "99.npy").write_bytes(first.read_bytes())
    found = audited("audio", tmp_path / "series", tmp_path / "audit")
    assert pairs(found, "exact") == {frozenset(("a/0.npy", "a/99.npy"))}
    assert not pairs(found, "near")

"""Unusual but legitimate input: it trains, and it answers right."""

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

RATE = 8_000  # Hz


def answers(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def big(pixels: np.ndarray) -> Image.Image:
    """A scan at 32 x 32 pixels, that lossy formats keep."""
    return Image.fromarray(pixels).resize((32, 32), Image.Resampling.NEAREST)


def sixteen(pixels: np.ndarray, path: Path) -> None:
    Image.fromarray(pixels.astype(np.uint16) * 257).save(path)


def turned(pixels: np.ndarray, path: Path) -> None:
    """Stored lying on its side, upright by its EXIF orientation."""
    exif = Image.Exif()
    exif[0x0112] = 6
    big(pixels).transpose(Image.Transpose.ROTATE_90).save(path, exif=exif, quality=95)


def see_through(pixels: np.ndarray, path: Path) -> None:
    """Dark where the scan is dark: the background shines through elsewhere."""
    colour = np.zeros((*pixels.shape, 4), np.uint8)
    colour[..., 3] = 255 - pixels
    Image.fromarray(colour).save(path)


ODD: dict[str, tuple[str, Callable[[np.ndarray, Path], object]]] = {
    "16 bits": ("png", sixteen),
    "palette": ("png", lambda pixels, path: Image.fromarray(pixels).convert("P").save(path)),
    "palette with transparency": (
        "png",
        lambda pixels, path: Image.fromarray(pixels).convert("P").save(path, transparency=b"\xff" * 256),
    ),
    "one bit": ("png", lambda pixels, path: Image.fromarray(pixels).convert("1").save(path)),
    "colour": ("png", lambda pixels, path: Image.fromarray(pixels).convert("RGB").save(path)),
    "alpha": ("png", see_through),
    "grey with alpha": ("png", lambda pixels, path: Image.fromarray(pixels).convert("LA").save(path)),
    "CMYK": ("jpg", lambda pixels, path: big(pixels).convert("CMYK").save(path, quality=95)),
    "JPEG": ("jpeg", lambda pixels, path: big(pixels).save(path, quality=95)),
    "turned by EXIF": ("jpg", turned),
    "GIF": ("gif", lambda pixels, path: Image.fromarray(pixels).save(path)),
    "BMP": ("bmp", lambda pixels, path: Image.fromarray(pixels).save(path)),
    "TIFF": ("tiff", lambda pixels, path: Image.fromarray(pixels).save(path)),
    "WebP": ("webp", lambda pixels, path: big(pixels).convert("RGB").save(path, quality=95)),
    "suffix in capitals": ("PNG", lambda pixels, path: Image.fromarray(pixels).save(path, format="PNG")),
    "another suffix than its format": ("jpg", lambda pixels, path: Image.fromarray(pixels).save(path, format="PNG")),
}


@pytest.mark.parametrize(("suffix", "write"), ODD.values(), ids=ODD)
def test_pictures_of_any_kind_are_answered_as_the_plain_ones(suffix, write, image_run, scans, tmp_path, works):
    for digit, arrays in scans.items():
        for number, pixels in enumerate(arrays[:12]):
            write(pixels, tmp_path / f"{digit}-{number:02}.{suffix}")
    found = answers(works("predict", image_run, tmp_path).out)
    assert len(found) == 24
    right = sum(line["prediction"] == Path(line["id"]).name[0] for line in found)
    assert right >= 22


def test_a_folder_of_all_kinds_trains(scans, quick, tmp_path, works):
    for digit, arrays in scans.items():
        (tmp_path / "odd" / str(digit)).mkdir(parents=True)
        for number, (pixels, (suffix, write)) in enumerate(zip(arrays, ODD.values(), strict=False)):
            write(pixels, tmp_path / "odd" / str(digit) / f"{number:02}.{suffix}")
    answer = works("image", "train", tmp_path / "odd", *quick, "--image-size", 8, "--out", tmp_path / "run")
    assert f"{2 * len(ODD)} samples" in answer.out
    assert "note: colour, 8 bits" in answer.out


def mp3(sound: np.ndarray, path: Path) -> None:
    soundfile.write(path, sound, RATE, format="MP3")


HEARD: dict[str, tuple[str, Callable[[np.ndarray, Path], object]]] = {
    "MP3": ("mp3", mp3),
    "Ogg Vorbis": ("ogg", lambda sound, path: soundfile.write(path, sound, RATE)),
    "FLAC": ("flac", lambda sound, path: soundfile.write(path, sound, RATE)),
    "AIFF": ("aiff", lambda sound, path: soundfile.write(path, sound, RATE)),
    "stereo": ("wav", lambda sound, path: soundfile.write(path, np.stack([sound, sound], axis=1), RATE)),
    "24 bits": ("wav", lambda sound, path: soundfile.write(path, sound, RATE, subtype="PCM_24")),
    "floats": ("wav", lambda sound, path: soundfile.write(path, sound, RATE, subtype="FLOAT")),
    "8 bits": ("wav", lambda sound, path: soundfile.write(path, sound, RATE, subtype="PCM_U8")),
    "twice the rate": ("wav", lambda sound, path: soundfile.write(path, resampled(sound, 2), 2 * RATE)),
    "ten times as long": ("wav", lambda sound, path: soundfile.write(path, np.tile(sound, 10), RATE)),
    "half as long": ("wav", lambda sound, path: soundfile.write(path, sound[: len(sound) // 2], RATE)),
    "a name in capitals": ("WAV", lambda sound, path: soundfile.write(path, sound, RATE)),
}


def resampled(sound: np.ndarray, times: int) -> np.ndarray:
    from soxr import resample

    return resample(sound, RATE, times * RATE)


def tone(pitch: float) -> np.ndarray:
    """A sine of so many Hz, half of full scale, in the noise of a room."""
    t = np.arange(RATE // 4) / RATE
    return 0.5 * np.sin(2 * np.pi * pitch * t) + 0.01 * np.random.default_rng(0).standard_normal(len(t))


@pytest.mark.parametrize(("suffix", "write"), HEARD.values(), ids=HEARD)
def test_sounds_of_any_kind_are_answered_as_the_plain_ones(suffix, write, audio_run, tmp_path, works):
    for name, pitch in (("low", 205.0), ("high", 2050.0)):
        for number in range(3):
            write(tone(pitch * (1 + number / 20)), tmp_path / f"{name}-{number}.{suffix}")
    found = answers(works("predict", audio_run, tmp_path).out)
    assert len(found) == 6
    assert all(Path(line["id"]).name.startswith(line["prediction"]) for line in found)


def test_a_folder_of_all_kinds_of_sounds_trains(quick, tmp_path, works):
    for name, pitch in (("low", 205.0), ("high", 2050.0)):
        (tmp_path / "odd" / name).mkdir(parents=True)
        for number, (suffix, write) in enumerate(HEARD.values()):
            write(tone(pitch * (1 + number / 50)), tmp_path / "odd" / name / f"{number:02}.{suffix}")
    answer = works("audio", "train", tmp_path / "odd", *quick, "--out", tmp_path / "run")
    assert f"{2 * len(HEARD)} samples" in answer.out


WORDS = {
    "хорошо": ["отличный фильм, очень понравился", "прекрасная книга, удовольствие", "чудесная музыка"],
    "плохо": ["ужасный фильм, жалко времени", "скучная книга, бросил на середине", "отвратительная музыка"],
}
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "cp1251", "koi8-r"]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_tables_in_any_encoding_train_alike(encoding, tmp_path, works, command):
    rows = [f'"{text} {n}";{label}' for label, texts in WORDS.items() for text in texts for n in range(4)]
    (tmp_path / "texts.csv").write_bytes("\r\n".join(["текст;метка", *rows, ""]).encode(encoding))
    options = ("--model", "textcnn", "--epochs", "1", "--precision", "fp32", "--device", "cpu")
    works("text", "train", tmp_path / "texts.csv", *options, "--out", tmp_path / "run")
    data = json.loads((tmp_path / "run/data.json").read_text(encoding="utf-8"))
    assert data["classes"] == ["плохо", "хорошо"]
    model = json.loads((tmp_path / "run/model.json").read_text(encoding="utf-8"))
    assert {"отличный", "удовольствие"} & set(model["preprocessing"]["words"])
    found = answers(works("predict", tmp_path / "run", tmp_path / "texts.csv").out)
    assert [line["id"] for line in found] == [f"texts.csv:{n}" for n in range(2, 26)]


QUOTED = 'text,label\n"a wonderful film,\nI ""loved"" it",good\n\n"an awful one",bad\n'


def test_quoted_line_ends_are_one_sample(text_run, tmp_path, works):
    (tmp_path / "texts.csv").write_text(QUOTED)
    found = answers(works("predict", text_run, tmp_path / "texts.csv").out)
    assert [(line["id"], line["prediction"]) for line in found] == [("texts.csv:2", "good"), ("texts.csv:5", "bad")]
    (tmp_path / "lines.txt").write_text("a wonderful film, I loved it")
    (alone,) = answers(works("predict", text_run, tmp_path / "lines.txt").out)
    assert alone["prediction"] == "good"


def test_a_missing_text_is_empty_not_the_word_none(text_run, tmp_path, works):
    (tmp_path / "a.jsonl").write_text('{"text": null}\n{"text": ""}\n{"text": "None"}\n')
    found = answers(works("predict", text_run, tmp_path / "a.jsonl").out)
    assert found[0]["p_good"] == found[1]["p_good"]


NAMES = [
    "with space.png",
    "näme-日本.png",
    "emoji 🎈.png",
    "quote\"s,'.png",
    "-dash.png",
    "%41.png",
    "$x$.png",
    "a\nb.png",
]


@pytest.mark.parametrize("name", NAMES)
def test_files_of_any_name_train_and_are_answered(name, pictures, quick, works, tmp_path):
    (pictures / "0/03.png").rename(pictures / "0" / name)
    (pictures / "0").rename(pictures / Path(name).stem)
    works("image", "train", pictures, *quick, "--out", tmp_path / "run")
    with open(tmp_path / "run/splits.csv", newline="", encoding="utf-8") as f:
        assert f"{Path(name).stem}/{name}" in [line["id"] for line in csv.DictReader(f)]
    path = pictures / Path(name).stem / name
    (found,) = answers(works("predict", tmp_path / "run", path).out)
    assert found["id"] == str(path)
    assert found["prediction"] in (Path(name).stem, "1")


def test_a_name_that_is_no_text_is_still_answered(image_run, pictures, works, tmp_path):
    import os

    os.rename(pictures / "0/03.png", os.fsencode(pictures / "0") + b"/\xff.png")
    found = answers(works("predict", image_run, pictures).out)
    assert len(found) == 24
    works("predict", image_run, pictures, "--out", tmp_path / "answers.csv")
    assert len(answers((tmp_path / "answers.csv").read_text())) == 24


def test_a_folder_with_a_name_as_long_as_may_be_trains(pictures, quick, works, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    long = pictures.rename(tmp_path / ("ü" * 120))
    works("image", "train", long, *quick)
    (run,) = (tmp_path / "runs").iterdir()
    works("predict", run, long)


def test_links_that_go_round_are_walked_once(pictures, image_run, works):
    (pictures / "0/again").symlink_to("..")
    (pictures / "0/nowhere.png").symlink_to("nowhere.png")
    assert len(answers(works("predict", image_run, pictures).out)) == 24


def test_a_folder_of_hidden_and_system_files_trains_without_them(pictures, quick, works, tmp_path):
    (pictures / ".DS_Store").write_bytes(b"x")
    (pictures / "__MACOSX").mkdir()
    (pictures / "0/.hidden.png").write_bytes(b"x")
    (pictures / "0/Thumbs.db").write_bytes(b"x")
    (pictures / "0/notes.txt").write_text("x")
    answer = works("image", "train", pictures, *quick, "--out", tmp_path / "run")
    assert "24 samples, 2 classes" in answer.out
    assert "note: 1 file left out: 1 .txt" in answer.out


def test_the_folder_one_stands_in_is_named_after_itself(pictures, quick, works, monkeypatch, tmp_path):
    monkeypatch.chdir(pictures)
    works("image", "train", ".", *quick, "--out", "../run")
    assert json.loads((tmp_path / "run/data.json").read_text())["name"] == "pictures"


def test_broken_pictures_are_left_out_if_asked_and_counted(pictures, quick, works, tmp_path):
    (pictures / "0/03.png").write_bytes(b"")
    (pictures / "1/05.png").write_bytes(b"no picture")
    answer = works("image", "train", pictures, *quick, "--on-bad", "skip", "--out", tmp_path / "run")
    assert re.search(
        r"^warning: 2 samples cannot be read and are left out, such as .*0/03\.png: the file is empty", answer.err
    )
    data = json.loads((tmp_path / "run/data.json").read_text())
    assert sorted(data["unreadable"]) == ["0/03.png", "1/05.png"]
    assert sum(part["n"] for part in data["parts"].values()) == 22
    works("evaluate", tmp_path / "run")


def test_a_table_of_another_encoding_says_how_it_was_read(tmp_path, works):
    rows = [f"{text} {n};{label}" for label, texts in WORDS.items() for text in texts for n in range(4)]
    (tmp_path / "texts.csv").write_bytes("\n".join(["текст;метка", *rows, ""]).encode("cp1251"))
    options = ("--model", "textcnn", "--epochs", "1", "--precision", "fp32", "--device", "cpu")
    answer = works("text", "train", tmp_path / "texts.csv", *options, "--out", tmp_path / "run")
    assert "texts.csv is not Unicode; read as cp1251" in answer.out

"""Film clips: frames evenly over the length, from films and folders; direction, which no single frame tells."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from multicnn import image
from multicnn.data.table import Table, strings
from multicnn.errors import DataError, UsageError
from multicnn.image.datasets import frames
from multicnn.image.plan import plan_reader
from multicnn.image.video import VideoReader

av = pytest.importorskip("av")
RANDOM = np.random.default_rng(0)
SIDE = 48


def film(path: Path, shots: np.ndarray, *, codec: str = "mpeg4", rotate: int = 0) -> Path:
    """t h w 3"""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=10)
        stream.height, stream.width = shots.shape[1:3]
        stream.pix_fmt, stream.bit_rate = "yuv420p", 4_000_000
        for shot in shots:
            out.mux(stream.encode(av.VideoFrame.from_ndarray(shot, format="rgb24")))
        out.mux(stream.encode())
    return path


def moving(right: bool) -> np.ndarray:
    """A square that moves by 3 pixels a frame and comes back on the other side: every frame is as likely as its mirror.

    t h w 3
    """
    shots = np.full((12, SIDE, SIDE, 3), 30, np.uint8)
    start, y = RANDOM.integers(0, SIDE - 8, 2)
    for t, shot in enumerate(shots):
        x = (start + (3 if right else -3) * t) % (SIDE - 8)
        shot[y : y + 8, x : x + 8] = 220
    return shots


def shades(n: int) -> np.ndarray:
    """Each frame of one grey, brighter and brighter."""
    return np.repeat(np.linspace(20, 230, n).astype(np.uint8), SIDE * SIDE * 3).reshape(n, SIDE, SIDE, 3)


@pytest.mark.parametrize(
    ("suffix", "codec"), [("mp4", "mpeg4"), ("avi", "mpeg4"), ("mkv", "mpeg4"), ("webm", "libvpx")]
)
def test_frames_are_the_middles_of_equal_parts(tmp_path: Path, suffix: str, codec: str) -> None:
    path = film(tmp_path / f"a.{suffix}", shades(20), codec=codec)
    out = VideoReader(frames=5, size=(SIDE, SIDE))(str(path))
    assert out.shape == (3, 5, SIDE, SIDE)
    assert np.abs(out.mean((0, 2, 3)) - shades(20)[2::4].mean((1, 2, 3))).max() < 6


def test_a_short_clip_shows_some_frames_twice(tmp_path: Path) -> None:
    out = VideoReader(frames=6, size=(SIDE, SIDE))(str(film(tmp_path / "a.mp4", shades(3))))
    assert np.abs(out.mean((0, 2, 3)) - shades(3)[[0, 0, 1, 1, 2, 2]].mean((1, 2, 3))).max() < 6


def test_film_folder_and_array_of_one_clip_agree(tmp_path: Path) -> None:
    shots = moving(right=True)
    (tmp_path / "clip").mkdir()
    for t, shot in enumerate(shots):
        Image.fromarray(shot).save(tmp_path / "clip" / f"{t}.png")  # 10 comes after 9
    reader = VideoReader(frames=12, size=(24, 24))
    exact = reader(str(tmp_path / "clip"))
    assert np.array_equal(exact, reader(shots))
    assert np.abs(exact.astype(int) - reader(str(film(tmp_path / "a.mp4", shots)))).mean() < 4


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.mp4", b"", "the file is empty"),
        ("a.mp4", b"not a film" * 100, "mend or remove"),
        ("a.jpg", b"x", "not a film"),
    ],
)
def test_a_bad_clip_is_named(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=reason) as error:
        VideoReader(frames=4, size=(8, 8))(str(tmp_path / name))
    assert str(error.value).startswith(str(tmp_path / name))


def test_a_film_cut_short_is_named(tmp_path: Path) -> None:
    path = film(tmp_path / "a.avi", RANDOM.integers(0, 256, (40, SIDE, SIDE, 3), dtype=np.uint8))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 50])
    with pytest.raises(DataError, match=r"a\.avi"):
        VideoReader(frames=4, size=(8, 8))(str(path))


def test_folders_of_frames_are_samples(tmp_path: Path) -> None:
    for label in ("left", "right"):
        for clip in ("one", "two"):
            (tmp_path / label / clip).mkdir(parents=True)
            for t in range(3):
                Image.fromarray(moving(right=True)[t]).save(tmp_path / label / clip / f"{t}.png")
    table = frames(tmp_path)
    assert [str(i) for i in table.ids] == ["left/one", "left/two", "right/one", "right/two"]
    assert table.target.tolist() == [0, 0, 1, 1]
    assert isinstance(plan_reader(table, np.arange(4)), VideoReader)
    Image.fromarray(moving(right=True)[0]).save(tmp_path / "left" / "loose.png")
    with pytest.raises(DataError, match=r"left/loose\.png: a frame beside the clips' folders"):
        frames(tmp_path)


def test_frames_without_a_folder_say_where_it_is_missing() -> None:
    with pytest.raises(DataError, match="frames=clips/"):
        frames(None)


def test_size_is_settled_by_the_first_frames(tmp_path: Path) -> None:
    items = strings([film(tmp_path / "a.mp4", shades(4)), film(tmp_path / "b.mp4", shades(4))])
    table = Table("set", items, items, ("a",), np.zeros(2, np.int64))
    assert plan_reader(table, np.arange(2)).shape == (3, 8, SIDE, SIDE)
    assert plan_reader(table, np.arange(2), image_size=20, frames=4).shape == (3, 4, 20, 20)
    with pytest.raises(UsageError, match="a clip has at least one"):
        plan_reader(table, np.arange(2), frames=0)


def test_direction_is_learnt_from_films(tmp_path: Path) -> None:
    for label in ("left", "right"):
        for i in range(40):
            film(tmp_path / "set" / label / f"{i:02}.mp4", moving(right=label == "right"))
    run = image.train(
        tmp_path / "set", model="resnet18", epochs=16, image_size=24, out=tmp_path / "run", seed=1, precision="fp32",
        settings={"model": {"width": 8}, "reader": {"channels": 1, "frames": 6}},
    )  # fmt: skip
    assert run.metrics["accuracy"] > 0.9
    first = tmp_path / "set" / "left" / "00.mp4"
    assert run.predict([os.fspath(first)])[0].label == "left"

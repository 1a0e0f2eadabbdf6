"""The set that transcribing starts from, and changes to training speech."""

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import torch

from multicnn.audio.augment import Speed
from multicnn.audio.datasets.transcripts.morse import CODE, RATE, keyed, morse, phrases, write
from multicnn.audio.speech.augment import Stretch
from multicnn.data.random import keys
from multicnn.errors import DataError, UsageError

source = import_module("multicnn.audio.datasets.transcripts.morse")


def test_transmissions_say_the_text(tmp_path: Path) -> None:
    """Marks and gaps, told apart by their length, are the code of the text."""
    random = np.random.default_rng(0)
    for text in ("sos", "cq de 73", "the quick"):
        key = keyed(text, random)
        edges = np.flatnonzero(np.diff(key, prepend=0, append=0))
        marks, gaps = edges[1::2] - edges[::2], edges[2::2] - edges[1:-1:2]
        dot = np.median(gaps[gaps < 1.8 * gaps.min()])
        said = "".join(
            ("." if mark < 2 * dot else "-") + (" / " if gap > 4.7 * dot else " " if gap > 2 * dot else "")
            for mark, gap in zip(marks, [*gaps, 0], strict=True)
        )
        assert said == " / ".join(" ".join(CODE[letter] for letter in word) for word in text.split())


def test_the_set_is_made_once_and_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "PARTS", {"train": 6, "val": 2, "test": 2})
    table = morse()
    assert len(table) == 10
    assert table.split is not None
    assert table.split.tolist() == ["train"] * 6 + ["val"] * 2 + ["test"] * 2
    before = Path(table.items[0]).stat().st_mtime_ns
    again = morse()
    assert Path(again.items[0]).stat().st_mtime_ns == before
    assert again.answer is not None
    assert len(set(again.answer.tolist())) == 10
    write(tmp_path / "other", source.PARTS)
    assert Path(morse(tmp_path / "other").items[3]).read_bytes() == Path(table.items[3]).read_bytes()


def test_a_folder_without_the_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"morse: no table\.csv in"):
        morse(tmp_path)


def test_there_are_texts_enough() -> None:
    found = list(phrases(np.random.default_rng(1)))
    assert len(found) >= sum(source.PARTS.values())
    assert len(set(found)) == len(found)
    assert all(6 <= len(text) < 18 for text in found)


def test_stretching_keeps_the_last_word() -> None:
    """A click at the very end is still there, at the time that the speed says; Speed loses it in slower sounds."""
    x = torch.zeros(64, RATE)
    x[:, RATE - 2 : RATE] = 1
    key = keys(0, 0, torch.arange(64), 0)
    out, _ = Stretch(low=0.8, high=1.25)(x, torch.zeros(64, 1), key)
    assert out.shape == (64, RATE / 0.8)
    at = out.argmax(1)
    assert (out.amax(1) > 0.5).all()
    speeds = RATE / at
    assert 0.8 <= speeds.min() < 0.85
    assert 1.2 < speeds.max() <= 1.26
    assert (out[torch.arange(64), (at + 3).clamp(max=out.shape[1] - 1)] == 0).sum() >= 60
    lost, _ = Speed(semitones=4.0)(x, torch.zeros(64, 1), key)
    assert (lost.amax(1) == 0).any()


def test_stretching_by_nothing_changes_nothing() -> None:
    x = torch.randint(-3000, 3000, (3, 500), dtype=torch.int16)
    out, _ = Stretch(low=1.0, high=1.0)(x, torch.zeros(3, 1), keys(0, 0, torch.arange(3), 0))
    torch.testing.assert_close(out, x / 32768)


def test_stretching_is_a_sample_s_own() -> None:
    x, key = torch.randn(5, 800), keys(0, 0, torch.arange(5), 0)
    whole, _ = Stretch()(x, torch.zeros(5, 1), key)
    for n in range(5):
        torch.testing.assert_close(Stretch()(x[n : n + 1], torch.zeros(1, 1), key[n : n + 1])[0][0], whole[n])


@pytest.mark.parametrize(("low", "high"), [(1.1, 0.9), (0.1, 1.0), (1.0, 5.0)])
def test_wrong_speeds_are_refused(low: float, high: float) -> None:
    with pytest.raises(UsageError, match="stretch from"):
        Stretch(low=low, high=high)

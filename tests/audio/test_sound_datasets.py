"""The named sets of sounds, and any folder or table."""

import csv
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from multicnn.audio import DATASETS, MODALITY
from multicnn.audio.datasets import open_audio
from multicnn.audio.datasets.esc10 import esc10
from multicnn.audio.datasets.fsdd import fsdd, fsdd_speakers
from multicnn.audio.datasets.instruments import instruments
from multicnn.data.assets import asset
from multicnn.data.splits import folds, split
from multicnn.errors import DataError


def test_instruments_ship_with_at_most_3_mb():
    files = [p for p in asset("instruments").rglob("*") if p.is_file()]
    assert sum(p.stat().st_size for p in files) <= 3_000_000
    assert {"table.csv", "README.md", "LICENSE"} <= {p.name for p in files}
    assert sum(p.suffix == ".flac" for p in files) == len(instruments())


def test_instruments_are_notes_at_16_khz_of_half_a_second():
    for item in instruments().items:
        info = soundfile.info(item)
        assert (info.samplerate, info.channels, info.subtype, info.format) == (16_000, 1, "PCM_16", "FLAC")
        assert 0.15 <= info.duration <= 0.5


def test_instruments_keep_each_note_in_one_part():
    table = instruments()
    assert table.split is not None
    assert table.group is not None
    assert not set(table.group[table.split == "train"]) & set(table.group[table.split == "test"])
    parts = split(table)
    for a, b in (("train", "val"), ("train", "test"), ("val", "test")):
        assert not set(table.group[getattr(parts, a)]) & set(table.group[getattr(parts, b)])


def test_both_channels_of_a_note_are_one_group():
    with (asset("instruments") / "table.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    groups = {(r["label"], r["source"]): r["group"] for r in rows}
    pairs = [(label, source) for label, source in groups if source.endswith("(R)")]
    assert len(pairs) > 50
    for label, source in pairs:
        assert groups[label, source] == groups.get((label, source[:-3] + "(L)"), groups[label, source])


def test_no_recording_is_in_two_groups():
    table = instruments()
    assert table.group is not None
    seen: dict[bytes, str] = {}
    for item, group in zip(table.items, table.group, strict=True):
        sound = soundfile.read(item, dtype="int16")[0].tobytes()
        assert seen.setdefault(sound, group) == group


def test_every_instrument_is_in_both_parts():
    table = instruments()
    assert table.split is not None
    assert len(table.classes) == 10
    for k in range(len(table.classes)):
        assert Counter(table.split[table.target == k])["test"] >= 9
        assert Counter(table.split[table.target == k])["train"] >= 29


def test_fsdd_has_its_official_split(shared_data: Callable[[str], Path]):
    table = fsdd(shared_data("fsdd"))
    assert (len(table), table.classes) == (3_000, tuple("0123456789"))
    assert table.split is not None
    assert Counter(table.split) == {"train": 2_700, "test": 300}
    assert set(table.counts().values()) == {300}
    assert all(int(i.split("_")[2][:-4]) < 5 for i in table.ids[table.split == "test"])


def test_fsdd_speakers_are_folds(shared_data: Callable[[str], Path]):
    table = fsdd_speakers(shared_data("fsdd"))
    parts = folds(table)
    assert len(parts) == 6
    for part in parts:
        speakers = [{i.split("_")[1] for i in table.ids[rows]} for rows in (part.train, part.val, part.test)]
        assert len(part.test) == 500
        assert len(speakers[2]) == 1
        assert not speakers[2] & (speakers[0] | speakers[1])


def test_esc10_has_five_folds_and_keeps_sources_together(shared_data: Callable[[str], Path]):
    table = esc10(shared_data("esc10"))
    assert (len(table), len(table.classes)) == (400, 10)
    assert table.classes[0] == "Dog bark"
    assert set(table.counts().values()) == {40}
    assert table.fold is not None
    assert table.group is not None
    assert Counter(table.fold.tolist()) == dict.fromkeys(range(1, 6), 80)
    for group in set(table.group):
        assert len(set(table.fold[table.group == group])) == 1


@pytest.mark.parametrize(
    ("name", "says"), [("fsdd", "FSDD recordings: official split"), ("esc10", "ESC-10 clips: 400 in 5 official folds")]
)
def test_known_folders_are_recognised_and_said(shared_data: Callable[[str], Path], name: str, says: str):
    table = open_audio(shared_data(name))
    assert table.name == name
    assert table.said[0].startswith(says)


def test_the_recordings_folder_alone_is_fsdd_too(shared_data: Callable[[str], Path]):
    assert len(open_audio(shared_data("fsdd") / "recordings")) == 3_000


@pytest.mark.parametrize("name", [n for n in DATASETS if n != "instruments"])
def test_named_sets_without_a_folder_say_where_to_get_them(name: str, tmp_path: Path):
    for path in (None, tmp_path, tmp_path / "none"):
        with pytest.raises(DataError, match=r"https://.* give its folder"):
            DATASETS[name](path)


def write(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.zeros(800), 8_000)


def test_folders_of_classes_and_parts_are_read(tmp_path: Path):
    for part in ("train", "val", "test"):
        for label in ("cat", "dog"):
            write(tmp_path / part / label / "1.wav")
            write(tmp_path / part / label / "2.flac")
    table = open_audio(tmp_path)
    assert table.classes == ("cat", "dog")
    assert table.split is not None
    assert Counter(table.split) == {"train": 4, "val": 4, "test": 4}


def test_tables_with_several_labels_are_read(tmp_path: Path):
    for i in range(3):
        write(tmp_path / f"{i}.wav")
    (tmp_path / "t.csv").write_text("path,labels\n0.wav,rain;wind\n1.wav,rain\n2.wav,wind\n", encoding="utf-8")
    table = open_audio(tmp_path / "t.csv")
    assert table.several
    assert table.target.tolist() == [[True, True], [True, False], [False, True]]


def test_undecodable_formats_are_found_and_named_on_reading(tmp_path: Path):
    for label in ("cat", "dog"):
        (tmp_path / label).mkdir()
        (tmp_path / label / "a.m4a").write_bytes(b"\x00\x00\x00\x20ftypM4A " + b"\0" * 50)
    table = open_audio(tmp_path)
    with pytest.raises(DataError, match=r"a\.m4a: MPEG-4 \(AAC, ALAC\) has no decoder here"):
        MODALITY.readers["SoundReader"](rate=8_000, seconds=1.0)(table.items[0])

"""Tables and manifests of sounds, and pieces of files as samples."""

import gzip
import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile

from multicnn.audio.datasets import open_audio
from multicnn.audio.decode import decode
from multicnn.audio.reader import SoundReader, plan_reader
from multicnn.audio.segment import decode_item, item_header, named, segment
from multicnn.data.splits import split
from multicnn.data.store import open_store
from multicnn.data.table import Table
from multicnn.errors import DataError

RATE = 8_000  # Hz


@pytest.fixture
def long(tmp_path: Path) -> Path:
    """Four seconds of noise at 16 kHz in two channels."""
    path = tmp_path / "sounds" / "long.wav"
    path.parent.mkdir()
    soundfile.write(path, np.random.default_rng(0).uniform(-0.5, 0.5, (64_000, 2)), 16_000)
    return path


def lines(path: Path, records: Sequence[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    return path


def label(t: Table) -> list[str]:
    return [t.classes[y] for y in t.target]


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".aiff"])
def test_a_piece_is_that_part_of_its_file(suffix: str, long: Path, tmp_path: Path):
    path = tmp_path / f"other{suffix}"
    soundfile.write(path, soundfile.read(long)[0], 16_000)
    whole, rate = decode(path)
    found, same = decode_item(named(str(path), 1.25, 2.5))
    assert rate == same
    assert np.array_equal(found, whole[20_000:40_000])
    assert item_header(named(str(path), 1.25, 2.5)).seconds == pytest.approx(1.25)
    assert SoundReader(rate=16_000, seconds=1.0).files(named(str(path), 1, 2)) == (str(path),)


def test_a_file_whose_own_name_ends_like_a_piece_is_a_file(long: Path):
    odd = long.with_name("a#t=1,2")
    odd.write_bytes(long.read_bytes())
    assert segment(odd) == (str(odd), None, None)
    assert segment(f"{long}#t=1,2") == (str(long), 1.0, 2.0)
    assert segment(f"{long}#t=a,2").start is None


@pytest.mark.parametrize("edges", [(3.0, 5.0), (4.5, 4.6), (2.0, 2.0), (3.0, 2.0)])
def test_a_piece_beyond_the_end_is_named(edges: tuple[float, float], long: Path):
    with pytest.raises(DataError, match=r"long\.wav: no seconds .* in a sound of 4 s; correct the times"):
        decode_item(named(str(long), *edges))


def test_a_piece_that_does_not_decode_is_named(long: Path):
    flac = long.with_suffix(".flac")
    soundfile.write(flac, np.random.default_rng(1).uniform(-0.9, 0.9, 200_000), 16_000)
    data = bytearray(flac.read_bytes())
    data[len(data) // 3 :] = b"\xff" * (len(data) - len(data) // 3)
    flac.write_bytes(bytes(data))
    with pytest.raises(DataError, match=r"long\.flac: (damaged FLAC file at|nothing decodes at) 10 s; replace"):
        decode_item(named(str(flac), 10.0, 11.0))


def test_pieces_of_a_file_are_samples_and_stay_in_one_part(long: Path, tmp_path: Path):
    for k in range(3):
        (tmp_path / "sounds" / f"{k}.wav").write_bytes(long.read_bytes())
    rows = [f"sounds/{k}.wav,{t},{t + 0.5},{'ab'[t % 2]}" for k in range(3) for t in range(4)]
    table = tmp_path / "t.csv"
    table.write_text("\n".join(["file,start,end,label", *rows]), encoding="utf-8")
    t = open_audio(table)
    assert t.ids[1] == "sounds/0.wav#t=1,1.5"
    assert t.group is not None
    assert Counter(t.group) == {f"sounds/{k}.wav": 4 for k in range(3)}
    parts = split(t)
    sets = [set(t.group[rows]) for rows in (parts.train, parts.val, parts.test)]
    assert [len(s) for s in sets] == [1, 1, 1]
    store = open_store(t, plan_reader(t, parts.train))
    assert store.lengths(np.arange(12)).tolist() == [8_000] * 12
    assert "12 samples are pieces of 3 files, by the columns 'start' and 'end'" in t.said


def test_nemos_offset_begins_a_piece_that_has_a_duration(long: Path, tmp_path: Path):
    records = [
        {"audio_filepath": str(long), "offset": 0.0, "duration": 1.0, "command": "yes"},
        {"audio_filepath": str(long), "offset": 1.5, "duration": 0.5, "command": "no"},
    ]
    t = open_audio(lines(tmp_path / "train_manifest.json", records))
    assert [segment(i)[1:] for i in t.items] == [(0.0, 1.0), (1.5, 2.0)]
    assert label(t) == ["yes", "no"]


def test_manifests_of_whole_files_name_files(long: Path, tmp_path: Path):
    records = [{"audio_filepath": "sounds/long.wav", "offset": 0.0, "duration": 4.0, "label": "a"}]
    t = open_audio(lines(tmp_path / "m.jsonl", records))
    assert t.items.tolist() == [str(long)]


def test_onset_and_offset_are_both_ends(long: Path, tmp_path: Path):
    (tmp_path / "t.tsv").write_text("filename\tonset\toffset\tevent_label\nsounds/long.wav\t0.5\t1.0\tdog\n")
    t = open_audio(tmp_path / "t.tsv")
    assert (t.ids.tolist(), label(t)) == (["sounds/long.wav#t=0.5,1"], ["dog"])


def test_speechbrains_lists_count_samples_and_name_a_root(long: Path, tmp_path: Path):
    header = "ID,duration,start,stop,wav,wav_format,spk_id,command"
    rows = [
        f"a,1.0,0,16000,$data_root/{long.name},wav,s1,yes",
        f"b,0.5,16000,24000,{{data_root}}/{long.name},wav,s2,no",
    ]
    (long.parent / "train.csv").write_text("\n".join([header, *rows]), encoding="utf-8")
    t = open_audio(long.parent / "train.csv")
    assert [segment(i) for i in t.items] == [(str(long), 0.0, 1.0), (str(long), 1.0, 1.5)]
    assert label(t) == ["yes", "no"]


def test_rows_without_times_are_whole_files(long: Path, tmp_path: Path):
    (long.parent / "b.wav").write_bytes(long.read_bytes())
    (tmp_path / "t.csv").write_text("path,start,end,label\nsounds/long.wav,1,2,a\nsounds/b.wav,,,b\n")
    assert open_audio(tmp_path / "t.csv").ids.tolist() == ["sounds/long.wav#t=1,2", "sounds/b.wav"]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("sounds/long.wav,2,1,a", r"t\.csv: row 2: a piece from 2 to 1 s; correct its times"),
        ("sounds/long.wav,-1,1,a", r"t\.csv: row 2: a piece from -1 to 1 s"),
        ("sounds/long.wav,soon,1,a", r"t\.csv: row 2: 'soon' in column 'start' is no number of seconds"),
        ("sounds/long.wav,0,1,a\nsounds/long.wav,0,1,b", r"t\.csv: row 3: .* has another label than in row 2"),
    ],
)
def test_times_that_are_none_are_named(row: str, says: str, long: Path, tmp_path: Path):
    (tmp_path / "t.csv").write_text(f"path,start,end,label\n{row}\n")
    with pytest.raises(DataError, match=says):
        open_audio(tmp_path / "t.csv")


def kaldi(folder: Path, long: Path, *, segments: bool = True) -> Path:
    """Two recordings; three utterances by two speakers."""
    folder.mkdir(parents=True)
    other = long.with_name("other.wav")
    other.write_bytes(long.read_bytes())
    (folder / "wav.scp").write_text(f"rec1 {long}\nrec2 {other}\n")
    if segments:
        (folder / "segments").write_text("utt1 rec1 0.5 1.5\nutt2 rec1 2 3\nutt3 rec2 0 1\n")
        (folder / "text").write_text("utt1 yes\nutt2 no thanks\nutt3 yes\n", encoding="utf-8")
        (folder / "utt2spk").write_text("utt1 s1\nutt2 s1\nutt3 s2\n")
    else:
        (folder / "utt2lang").write_text("rec1 en\nrec2 ru\n")
    return folder


def test_kaldi_folders_have_pieces_labels_and_speakers(long: Path, tmp_path: Path):
    t = open_audio(kaldi(tmp_path / "data", long))
    assert [segment(i)[1:] for i in t.items] == [(0.5, 1.5), (2.0, 3.0), (0.0, 1.0)]
    assert (label(t), t.ids.tolist()) == (["yes", "no thanks", "yes"], ["utt1", "utt2", "utt3"])
    assert t.group is not None
    assert list(t.group) == ["s1", "s1", "s2"]


def test_kaldi_parts_and_whole_files(long: Path, tmp_path: Path):
    for part in ("train", "dev", "test"):
        kaldi(tmp_path / "data" / part, long, segments=False)
    t = open_audio(tmp_path / "data")
    assert t.split is not None
    assert (len(t), t.classes, Counter(t.split)) == (6, ("en", "ru"), {"train": 2, "val": 2, "test": 2})
    assert str(long) in t.items


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        ("wav.scp", "rec1 sph2pipe -f wav a.sph |", r"wav\.scp: rec1 is a command \(.*\), which is not run; write its"),
        ("wav.scp", "rec1 raw.ark:17", r"wav\.scp: rec1 is 'raw\.ark:17', no sound file"),
        ("wav.scp", "rec1 none.wav", r"wav\.scp: rec1: no such file none\.wav; paths are relative to"),
        (
            "segments",
            "utt1 rec9 0 1",
            r"segments: utt1: not `utterance recording start end` of a recording in wav\.scp",
        ),
        ("segments", "utt1 rec1 2 1", r"segments: utt1: a piece from 2 to 1; give seconds, the end after the start"),
        ("text", "utt1 yes", r"text: no label for utterance 'utt2' \(2 lack one\)"),
    ],
)
def test_damaged_kaldi_folders_are_named(file: str, text: str, says: str, long: Path, tmp_path: Path):
    kaldi(tmp_path / "data", long)
    (tmp_path / "data" / file).write_text(text + "\n")
    with pytest.raises(DataError, match=says):
        open_audio(tmp_path / "data")


def test_a_kaldi_folder_without_labels_is_named(long: Path, tmp_path: Path):
    kaldi(tmp_path / "data", long)
    (tmp_path / "data" / "text").unlink()
    with pytest.raises(DataError, match=r"data: none of utt2label, .*, text beside wav\.scp"):
        open_audio(tmp_path / "data")


def cut(long: Path, number: int, *, start: float = 0.0, duration: float = 4.0, label: str = "yes") -> dict[str, object]:
    """A cut as lhotse writes it."""
    said = {"id": f"s{number}", "recording_id": "r", "start": 0.0, "duration": duration, "channel": 0,
            "speaker": f"p{number % 2}", "custom": {"label": label}}  # fmt: skip
    recording = {"id": "r", "sources": [{"type": "file", "channels": [0], "source": str(long)}], "sampling_rate": 16000,
                 "num_samples": 64000, "duration": 4.0, "channel_ids": [0]}  # fmt: skip
    return {"id": f"c{number}", "start": start, "duration": duration, "channel": 0, "supervisions": [said],
            "recording": recording, "type": "MonoCut"}  # fmt: skip


@pytest.mark.parametrize("packed", [True, False])
def test_lhotses_cuts_are_samples(packed: bool, long: Path, tmp_path: Path):
    cuts = [cut(long, 0), cut(long, 1, start=1.0, duration=0.5, label="no"), cut(long, 2, start=2.0, duration=1.0)]
    text = "".join(json.dumps(c) + "\n" for c in cuts).encode()
    path = tmp_path / ("cuts.jsonl.gz" if packed else "cuts.jsonl")
    path.write_bytes(gzip.compress(text) if packed else text)
    t = open_audio(path)
    assert [segment(i) for i in t.items] == [(str(long), None, None), (str(long), 1.0, 1.5), (str(long), 2.0, 3.0)]
    assert (t.ids.tolist(), label(t)) == (["c0", "c1", "c2"], ["yes", "no", "yes"])
    assert t.group is not None
    assert list(t.group) == ["p0", "p1", "p0"]


def spoilt(long: Path, change: Callable[[dict], object]) -> dict[str, object]:
    found = cut(long, 1)
    change(found)
    return found


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda c: c.pop("recording"), r"row 2 is no cut of one recording; mixed cuts are not read"),
        (lambda c: c["supervisions"].clear(), r"row 2 has 0 supervisions; trim the cuts to one each"),
        (lambda c: c["supervisions"][0].pop("custom"), r"row 2 has none of label, command, .* in its supervision"),
        (lambda c: c["recording"]["sources"][0].update(type="command"), r"row 2: its recording is no single file"),
        (lambda c: c["recording"]["sources"][0].update(source="none.wav"), r"row 2: no such file none\.wav"),
    ],
)
def test_damaged_cuts_are_named(change: Callable[[dict], object], says: str, long: Path, tmp_path: Path):
    path = lines(tmp_path / "cuts.jsonl", [cut(long, 0), spoilt(long, change)])
    with pytest.raises(DataError, match=rf"cuts\.jsonl: {says}"):
        open_audio(path)


def test_a_line_of_cuts_that_is_no_json_is_named(long: Path, tmp_path: Path):
    path = lines(tmp_path / "cuts.jsonl", [cut(long, 0)])
    path.write_text(path.read_text() + "{\n")
    with pytest.raises(DataError, match=r"cuts\.jsonl: row 2 cannot be read"):
        open_audio(path)


@pytest.mark.parametrize("name", ["metadata.csv", "metadata.jsonl"])
def test_folders_with_a_list_beside_the_sounds_are_read(name: str, long: Path):
    records = [{"file_name": "long.wav", "label": "a"}, {"file_name": "other.wav", "label": "b"}]
    (long.parent / "other.wav").write_bytes(long.read_bytes())
    if name.endswith("csv"):
        (long.parent / name).write_text("file_name,label\nlong.wav,a\nother.wav,b\n")
    else:
        lines(long.parent / name, records)
    t = open_audio(long.parent)
    assert (t.name, t.items[0], label(t)) == ("sounds", str(long), ["a", "b"])


def test_parts_with_a_list_each_are_read(long: Path, tmp_path: Path):
    for part, labels in (("train", "ab"), ("validation", "ba"), ("test", "b")):
        folder = tmp_path / "set" / part
        folder.mkdir(parents=True)
        for k, name in enumerate(labels):
            (folder / f"{k}.wav").write_bytes(long.read_bytes())
            with open(folder / "metadata.csv", "a", encoding="utf-8") as file:
                file.write(("file_name,label\n" if k == 0 else "") + f"{k}.wav,{name}\n")
    t = open_audio(tmp_path / "set")
    assert t.split is not None
    assert (t.classes, Counter(t.split)) == (("a", "b"), {"train": 2, "val": 2, "test": 1})
    assert dict(zip(t.ids, label(t), strict=True)) == {
        "train/0.wav": "a", "train/1.wav": "b", "validation/0.wav": "b", "validation/1.wav": "a", "test/0.wav": "b",
    }  # fmt: skip
    (tmp_path / "set" / "dev").mkdir()
    (tmp_path / "set" / "dev" / "metadata.csv").write_text("file_name,label\n")
    with pytest.raises(DataError, match="both 'dev' and 'validation' stand for val; keep one"):
        open_audio(tmp_path / "set")

"""Transcripts in the layouts that people have, each in a tiny tree."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from multicnn.audio.datasets.transcripts import open_transcripts
from multicnn.audio.segment import segment
from multicnn.data.table import Table
from multicnn.errors import DataError, UsageError


def sound(path: Path, seconds: float = 0.2) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.zeros(round(8000 * seconds)), 8000)
    return path


def write(path: Path, *lines: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def said(table: Table) -> dict[str, str]:
    assert table.answer is not None
    return dict(zip(table.ids.tolist(), table.answer.tolist(), strict=True))


def split(table: Table) -> list[str]:
    return [] if table.split is None else table.split.tolist()


def librispeech(root: Path) -> None:
    for part, speaker in (("train-clean-100", "19"), ("dev-clean", "7"), ("test-other", "8")):
        folder = root / part / speaker / "198"
        write(folder / f"{speaker}-198.trans.txt", f"{speaker}-198-0000 NORTHANGER ABBEY", f"{speaker}-198-0001 IT'S")
        for n in (0, 1):
            sound(folder / f"{speaker}-198-000{n}.flac")


def mls(root: Path) -> None:
    for part in ("train", "dev", "test"):
        write(root / part / "transcripts.txt", f"10{len(part)}_2_3\tвсё хорошо")
        sound(root / part / "audio" / "10" / "2" / f"10{len(part)}_2_3.flac")


def common_voice(root: Path) -> None:
    head = "client_id\tpath\tsentence\tup_votes"
    for part, clip in (("train", "a.mp3"), ("dev", "b"), ("test", "c.mp3"), ("validated", "a.mp3")):
        write(root / f"{part}.tsv", head, f'speaker {clip}\t{clip}\t"Why? "Because" he said\t2')
    for clip in "abc":
        sound(root / "clips" / f"{clip}.mp3", 1)


def ljspeech(root: Path) -> None:
    write(root / "metadata.csv", "LJ1|In 1455|In fourteen fifty five", 'LJ2|"quoted|"quoted')
    for n in (1, 2):
        sound(root / "wavs" / f"LJ{n}.wav")


def hugging_face(root: Path) -> None:
    for part in ("train", "test"):
        write(root / part / "metadata.csv", "file_name,transcription", f"data/x.wav,hello {part}")
        sound(root / part / "data" / "x.wav")


def hugging_face_lines(root: Path) -> None:
    write(root / "metadata.jsonl", json.dumps({"file_name": "x.wav", "sentence": "hello", "split": "train"}))
    sound(root / "x.wav")


def kaldi(root: Path) -> None:
    for part in ("train", "test"):
        folder = root / part
        write(folder / "wav.scp", "rec1 rec1.wav")
        write(folder / "text", f"{part}1 hello you", f"{part}2")
        write(folder / "segments", f"{part}1 rec1 0.5 1.25", f"{part}2 rec1 1.5 2")
        write(folder / "utt2spk", f"{part}1 ann", f"{part}2 ann")
        sound(folder / "rec1.wav", 2)


def beside(root: Path) -> None:
    for part, suffix in (("train", ".txt"), ("test", ".lab")):
        sound(root / part / "a.wav")
        write(root / part / f"a{suffix}", f"said in {part}")


TREES: dict[str, tuple[Callable[[Path], None], dict[str, str], list[str]]] = {
    "LibriSpeech": (
        librispeech,
        {f"{s}-198-000{n}": t for s in ("7", "8", "19") for n, t in ((0, "NORTHANGER ABBEY"), (1, "IT'S"))},
        ["train"] * 2 + ["val"] * 2 + ["test"] * 2,
    ),
    "MLS": (mls, {f"10{n}_2_3": "всё хорошо" for n in (5, 3, 4)}, ["train", "val", "test"]),
    "Common Voice": (
        common_voice,
        {f"{clip}.mp3": '"Why? "Because" he said' for clip in "abc"},
        ["train", "val", "test"],
    ),
    "LJSpeech": (ljspeech, {"LJ1": "In fourteen fifty five", "LJ2": '"quoted'}, []),
    "Hugging Face": (hugging_face, {f"{p}/data/x.wav": f"hello {p}" for p in ("train", "test")}, ["train", "test"]),
    "Hugging Face, lines": (hugging_face_lines, {"x.wav": "hello"}, []),
    "Kaldi": (
        kaldi,
        {"train1": "hello you", "train2": "", "test1": "hello you", "test2": ""},
        ["train", "train", "test", "test"],
    ),
    "files beside": (beside, {f"{p}/a.wav": f"said in {p}" for p in ("train", "test")}, ["train", "test"]),
}


@pytest.mark.parametrize(("build", "texts", "parts"), TREES.values(), ids=TREES.keys())
def test_layouts(build: Callable[[Path], None], texts: dict[str, str], parts: list[str], tmp_path: Path) -> None:
    build(tmp_path / "set")
    table = open_transcripts(tmp_path / "set")
    assert said(table) == texts
    assert sorted(split(table)) == sorted(parts)
    for item in table.items.tolist():
        assert Path(segment(item).path).is_file()
    assert table.classes == ()


def test_speakers_are_groups(tmp_path: Path) -> None:
    librispeech(tmp_path)
    table = open_transcripts(tmp_path)
    assert table.group is not None
    assert set(table.group.tolist()) == {"19", "7", "8"}
    common_voice(tmp_path / "cv")
    table = open_transcripts(tmp_path / "cv")
    assert table.group is not None
    assert set(table.group.tolist()) == {"speaker a.mp3", "speaker b", "speaker c.mp3"}


def test_one_list_of_common_voice_is_a_set_without_parts(tmp_path: Path) -> None:
    common_voice(tmp_path)
    table = open_transcripts(tmp_path / "validated.tsv")
    assert len(table) == 1
    assert table.split is None


def test_one_part_alone_is_dealt_anew(tmp_path: Path) -> None:
    librispeech(tmp_path)
    table = open_transcripts(tmp_path / "dev-clean")
    assert table.split is None
    assert any("dealt anew" in note for note in table.said)


def test_kaldis_segments_are_stretches(tmp_path: Path) -> None:
    kaldi(tmp_path)
    table = open_transcripts(tmp_path / "train")
    assert [segment(item) for item in table.items.tolist()] == [
        (str(tmp_path / "train" / "rec1.wav"), 0.5, 1.25),
        (str(tmp_path / "train" / "rec1.wav"), 1.5, 2.0),
    ]


def test_nemos_manifests_have_stretches(tmp_path: Path) -> None:
    sound(tmp_path / "a.wav", 2)
    rows = [
        {"audio_filepath": "a.wav", "duration": 0.5, "offset": 1.0, "text": "one"},
        {"audio_filepath": "a.wav", "duration": 0.5, "offset": 0.0, "text": "two"},
        {"audio_filepath": "a.wav", "duration": 2.0, "text": "all"},
    ]
    table = open_transcripts(write(tmp_path / "manifest.json", *map(json.dumps, rows)))
    path = str(tmp_path / "a.wav")
    assert [segment(i) for i in table.items.tolist()] == [(path, 1.0, 1.5), (path, 0.0, 0.5), (path, None, None)]
    assert list(said(table).values()) == ["one", "two", "all"]


def test_tables_with_onset_and_offset_are_stretches(tmp_path: Path) -> None:
    sound(tmp_path / "a.wav", 2)
    table = open_transcripts(write(tmp_path / "t.csv", "path,onset,offset,transcript", "a.wav,0.5,0.75,hm"))
    assert segment(table.items[0]) == (str(tmp_path / "a.wav"), 0.5, 0.75)


@pytest.mark.parametrize("column", ["text", "sentence", "transcript", "transcription", "Normalized Text"])
def test_usual_names_of_the_text(column: str, tmp_path: Path) -> None:
    sound(tmp_path / "a.wav")
    table = open_transcripts(write(tmp_path / "t.csv", f"path,{column},speaker,split", "a.wav,ja,ann,test"))
    assert said(table) == {"a.wav": "ja"}


def test_columns_may_be_named(tmp_path: Path) -> None:
    sound(tmp_path / "a.wav")
    sound(tmp_path / "b.wav")
    path = write(tmp_path / "t.tsv", "where\twhat\tuse\twho", "a.wav\tja\tdev\tx", "b.wav\tnein\ttrain\ty")
    table = open_transcripts(path, item_column="where", label_column="what", split_column="use", group_column="who")
    assert said(table) == {"a.wav": "ja", "b.wav": "nein"}
    assert split(table) == ["val", "train"]


def replaced(build: Callable[[Path], None], file: str, *lines: str) -> Callable[[Path], None]:
    """A tree with one file that says something else."""

    def tree(root: Path) -> None:
        build(root)
        write(root / file, *lines)

    return tree


def without(build: Callable[[Path], None], file: str) -> Callable[[Path], None]:
    """A tree that lacks a file."""

    def tree(root: Path) -> None:
        build(root)
        (root / file).unlink()

    return tree


BROKEN: dict[str, tuple[Callable[[Path], None], str]] = {
    "no sound in LibriSpeech": (
        without(librispeech, "dev-clean/7/198/7-198-0001.flac"),
        r"7-198\.trans\.txt: line 2: no sound named 7-198-0001",
    ),
    "no clip in Common Voice": (without(common_voice, "clips/b.mp3"), r"dev\.tsv: row 2: no such file .*b\.mp3"),
    "short row in Common Voice": (
        replaced(common_voice, "dev.tsv", "client_id\tpath\tsentence", "x\ty"),
        r"dev\.tsv: row 2 has 2 cells, the header has 3",
    ),
    "no column in Common Voice": (replaced(common_voice, "dev.tsv", "path\ttext", "x\ty"), "no column 'sentence'"),
    "fields in LJSpeech": (replaced(ljspeech, "metadata.csv", "LJ1|a|b", "LJ2"), "line 2 has 1 fields"),
    "no sound in LJSpeech": (without(ljspeech, "wavs/LJ2.wav"), r"line 2: no such file .*LJ2\.wav"),
    "no sound in Hugging Face": (without(hugging_face, "test/data/x.wav"), r"metadata\.csv: row 2: no such file"),
    "a command in Kaldi": (
        replaced(kaldi, "train/wav.scp", "rec1 sox a.wav -t wav - |"),
        "line 1: rec1 is made by a com",
    ),
    "no recording in Kaldi": (replaced(kaldi, "train/wav.scp", "rec2 rec1.wav"), "train1 has no recording in wav.scp"),
    "no times in Kaldi": (
        replaced(kaldi, "train/segments", "train1 rec1 1.5 0.5", "train2 rec1 0 1"),
        "line 1: '1.5 0.5' is no start and end",
    ),
    "no text beside": (without(beside, "test/a.lab"), r"test/a\.wav: no \.txt or \.lab file .*1 of 2 sounds"),
    "the same name twice": (
        replaced(ljspeech, "metadata.csv", "LJ1|a", "LJ1|b"),
        r"line 2: 'LJ1' was there before, at .*line 1",
    ),
    "nothing known": (lambda root: sound(root / "a.wav") and None, "no transcripts; give a table with columns path"),
}


@pytest.mark.parametrize(("build", "says"), BROKEN.values(), ids=BROKEN.keys())
def test_bad_rows_are_named(build: Callable[[Path], None], says: str, tmp_path: Path) -> None:
    build(tmp_path)
    with pytest.raises(DataError, match=says):
        open_transcripts(tmp_path)


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["path,label", "a.wav,x"], "no column for the transcripts among 'path', 'label'; name it with --label-column"),
        (["text,label", "a,x"], "no column for the files"),
        (["path,text", "b.wav,x"], r"row 2: no such file .*b\.wav"),
        (["path,text,start,end", "a.wav,x,1,0.5"], "row 2: from 1 to 0.5 s is no stretch"),
        (["path,text,start,end", "a.wav,x,1,later"], "row 2: start '1' and end 'later' are no seconds"),
        (["path,text,split", "a.wav,x,train", "a.wav,x,maybe"], "row 3: 'maybe' in column 'split' is none of train"),
        (["path,text", "a.wav,x", "a.wav,y"], r"row 3: 'a\.wav' was there before, at .*row 2"),
    ],
)
def test_bad_rows_of_tables_are_named(lines: list[str], says: str, tmp_path: Path) -> None:
    sound(tmp_path / "a.wav")
    with pytest.raises(DataError, match=says):
        open_transcripts(write(tmp_path / "t.csv", *lines))


def test_texts_that_are_lists_are_refused(tmp_path: Path) -> None:
    sound(tmp_path / "a.wav")
    with pytest.raises(DataError, match="row 1: the text is a list, not a string"):
        open_transcripts(write(tmp_path / "t.jsonl", json.dumps({"path": "a.wav", "text": ["x"]})))


def test_folders_have_no_columns(tmp_path: Path) -> None:
    ljspeech(tmp_path)
    with pytest.raises(UsageError, match="--label-column names a column, but"):
        open_transcripts(tmp_path, label_column="text")


def test_empty_transcripts_are_counted_and_said(tmp_path: Path) -> None:
    for n in range(3):
        sound(tmp_path / f"{n}.wav")
    table = open_transcripts(write(tmp_path / "t.csv", "path,text", "0.wav,one", "1.wav,", "2.wav, "))
    assert any("2 of 3 transcripts are empty, such as" in line and "row 3" in line for line in table.said)

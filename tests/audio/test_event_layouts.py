"""Layouts of recordings with events, each as a tiny made tree; what is wrong in them is named with file and line."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from multicnn.audio.datasets.events import open_events
from multicnn.data.table import Table
from multicnn.errors import DataError, UsageError
from multicnn.tasks.tracks import NOTHING, TAGS, TIMES

RATE = 8_000


def sound(path: Path, seconds: float = 2.0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.zeros(round(seconds * RATE)), RATE, subtype="PCM_16")
    return path


def text(path: Path, content: str, encoding: str = "utf-8") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode(encoding))
    return path


def known(table: Table) -> dict[str, list]:
    """The events of each recording."""
    assert table.answer is not None
    return {str(i): json.loads(str(a))["events"] for i, a in zip(table.ids, table.answer, strict=True)}


def kinds(table: Table) -> dict[str, int]:
    assert table.answer is not None
    return {str(i): json.loads(str(a))["known"] for i, a in zip(table.ids, table.answer, strict=True)}


def parts(table: Table) -> dict[str, str]:
    assert table.split is not None
    return dict(zip(map(str, table.ids), map(str, table.split), strict=True))


def test_a_table_with_a_row_an_event(tmp_path):
    for name in ("a", "b", "c"):
        sound(tmp_path / f"{name}.wav")
    rows = "a.wav,0.5,1,dog,train\na.wav,0,0.25,cat,train\nb.wav,1,1.5,dog,val\nc.wav,,,,test\n"
    table = open_events(text(tmp_path / "events.csv", f"path,start,end,class,split\n{rows}"))
    assert table.classes == ("cat", "dog")
    assert known(table) == {"a.wav": [["dog", 0.5, 1.0], ["cat", 0.0, 0.25]], "b.wav": [["dog", 1.0, 1.5]], "c.wav": []}
    assert parts(table) == {"a.wav": "train", "b.wav": "val", "c.wav": "test"}
    assert table.target.tolist() == [[True, True], [False, True], [False, False]]
    assert "1 recordings without an event, kept" in table.said


def test_durations_stand_for_offsets(tmp_path):
    sound(tmp_path / "a.wav")
    table = open_events(text(tmp_path / "e.tsv", "file\tonset\tduration\tlabel\na.wav\t0.5\t1\tdog\n"))
    assert known(table)["a.wav"] == [["dog", 0.5, 1.5]]


def test_events_that_overlap_are_merged_and_empty_ones_dropped_with_their_count(tmp_path):
    sound(tmp_path / "a.wav")
    rows = "a.wav\t0\t1\tdog\na.wav\t0.5\t1.5\tdog\na.wav\t1.5\t1.75\tdog\na.wav\t1\t1\tcat\na.wav\t1.9\t2.3\tcat\n"
    table = open_events(text(tmp_path / "e.tsv", f"filename\tonset\toffset\tevent_label\n{rows}"))
    assert known(table)["a.wav"] == [["dog", 0.0, 1.75], ["cat", 1.9, 2.0]]
    said = " ".join(table.said)
    assert "2 events merged" in said
    assert "1 events without length left out" in said
    assert "1 events cut at the end" in said


def desed(root: Path) -> Path:
    """DESED's folders: strong, weak and unlabelled training sounds, strong validation and test ones."""
    for folder, names in (("train/weak", "w"), ("train/synthetic", "s"), ("train/unlabel_in_domain", "u"),
                          ("validation/validation", "v"), ("eval/public", "p")):  # fmt: skip
        sound(root / "audio" / folder / f"{names}1.wav")
        sound(root / "audio" / folder / f"{names}2.wav")
    strong = "filename\tonset\toffset\tevent_label\n"
    text(root / "metadata/train/weak.tsv", "filename\tevent_labels\nw1.wav\tDog,Speech\nw2.wav\tDog\n")
    text(root / "metadata/train/synthetic.tsv", f"{strong}s1.wav\t0.1\t0.9\tDog\ns2.wav\t\t\t\n")
    text(root / "metadata/train/unlabel_in_domain.tsv", "filename\nu1.wav\nu2.wav\n")
    text(root / "metadata/train/synthetic_durations.tsv", "filename\tduration\ns1.wav\t2\ns2.wav\t2\n")
    text(root / "metadata/validation/validation.tsv", f"{strong}v1.wav\t0\t1\tSpeech\nv2.wav\tNaN\tNaN\tNaN\n")
    text(root / "metadata/eval/public.tsv", f"{strong}p1.wav\t0\t1\tSpeech\np2.wav\t0\t2.0\tDog\n")
    return root


def test_desed_is_read_as_published(tmp_path):
    table = open_events(desed(tmp_path))
    assert table.classes == ("Dog", "Speech")
    assert kinds(table) == {
        "p1.wav": TIMES, "p2.wav": TIMES, "s1.wav": TIMES, "s2.wav": TIMES, "u1.wav": NOTHING, "u2.wav": NOTHING,
        "w1.wav": TAGS, "w2.wav": TAGS, "v1.wav": TIMES, "v2.wav": TIMES,
    }  # fmt: skip
    assert known(table)["w1.wav"] == [["Dog", None, None], ["Speech", None, None]]
    assert known(table)["v2.wav"] == []
    assert {name: part for name, part in parts(table).items() if name[1] == "1"} == {
        "p1.wav": "test", "s1.wav": "train", "u1.wav": "train", "w1.wav": "train", "v1.wav": "val",
    }  # fmt: skip
    assert "2 recordings of which nothing is known" in table.said


def test_a_table_of_desed_alone_finds_its_sounds(tmp_path):
    table = open_events(desed(tmp_path) / "metadata/train/synthetic.tsv")
    assert known(table) == {"s1.wav": [["Dog", 0.1, 0.9]], "s2.wav": []}


def test_audiosets_strong_labels_with_names_for_codes_and_missing_files(tmp_path):
    sound(tmp_path / "wav/Yb0RFKhbpFJA_30.000_40.000.wav", 10)
    sound(tmp_path / "wav/0abcdefghij_0.wav", 10)
    rows = "b0RFKhbpFJA_30000\t0.000\t10.000\t/m/03m9d0z\n0abcdefghij_0\t1.5\t2.5\t/m/05zppz\n"
    rows += "-bsenttobeen_0\t0\t1\t/m/05zppz\n"
    text(tmp_path / "audioset_train_strong.tsv", f"segment_id\tstart_time_seconds\tend_time_seconds\tlabel\n{rows}")
    text(tmp_path / "mid_to_display_name.tsv", "/m/03m9d0z\tWind\n/m/05zppz\tMale speech\n")
    table = open_events(tmp_path)
    assert table.classes == ("Male speech", "Wind")
    assert known(table) == {"b0RFKhbpFJA_30000": [["Wind", 0.0, 10.0]], "0abcdefghij_0": [["Male speech", 1.5, 2.5]]}
    assert any("1 recordings are missing and left out, such as -bsenttobeen_0" in line for line in table.said)
    assert set(parts(table).values()) == {"train"}


def test_audacitys_labels_beside_sounds(tmp_path):
    sound(tmp_path / "train/a.wav")
    sound(tmp_path / "test/b.wav")
    sound(tmp_path / "train/quiet.wav")
    text(tmp_path / "train/a.txt", "0.500000\t1.000000\tdog\n\\\t100.0\t2000.0\n1,25\t1,5\tcat\n")
    text(tmp_path / "test/b.txt", "0\t2\tdog\r\n")
    text(tmp_path / "readme.txt", "about these sounds\n")
    table = open_events(tmp_path)
    assert known(table) == {
        "train/a.wav": [["dog", 0.5, 1.0], ["cat", 1.25, 1.5]], "train/quiet.wav": [], "test/b.wav": [["dog", 0, 2]],
    }  # fmt: skip
    assert parts(table) == {"train/a.wav": "train", "train/quiet.wav": "train", "test/b.wav": "test"}
    assert any("1 sounds have no label file" in line for line in table.said)


def test_labels_in_a_folder_of_their_own(tmp_path):
    sound(tmp_path / "audio/a.wav")
    text(tmp_path / "labels/a.txt", "0\t1\tdog\n")
    assert known(open_events(tmp_path)) == {"audio/a.wav": [["dog", 0.0, 1.0]]}


def test_rttm_names_its_recordings(tmp_path):
    sound(tmp_path / "one.wav")
    sound(tmp_path / "two.wav")
    rows = (
        "SPEAKER one 1 0.25 0.5 <NA> <NA> anna <NA> <NA>\n;; a note\nSPKR-INFO one 1 <NA> <NA> <NA> unknown anna <NA>\n"
        "SPEAKER two 1 0 2 <NA> <NA> bert <NA> <NA>\nNON-SPEECH one 1 1 0.5 <NA> noise <NA> <NA>\n"
    )
    table = open_events(text(tmp_path / "all.rttm", rows).parent)
    assert known(table) == {
        "one.wav": [["anna", 0.25, 0.75], ["non-speech", 1.0, 1.5]],
        "two.wav": [["bert", 0.0, 2.0]],
    }


def test_ravens_selections_are_read_once_a_view(tmp_path):
    sound(tmp_path / "bird.wav")
    header = "Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)\tSpecies\n"
    rows = "1\tWaveform 1\t1\t0.5\t1.0\t0\t4000\twren\n1\tSpectrogram 1\t1\t0.5\t1.0\t0\t4000\twren\n"
    rows += "2\tSpectrogram 1\t1\t1.2\t1.3\t0\t1\ttit\n"
    text(tmp_path / "bird.Table.1.selections.txt", header + rows)
    assert known(open_events(tmp_path)) == {"bird.wav": [["wren", 0.5, 1.0], ["tit", 1.2, 1.3]]}


LONG = """File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 2
tiers? <exists>
size = 2
item []:
    item [1]:
        class = "IntervalTier"
        name = "words 12"
        xmin = 0
        xmax = 2
        intervals: size = 2
        intervals [1]:
            xmin = 0
            xmax = 0.75
            text = "say ""да"" 3"
        intervals [2]:
            xmin = 0.75
            xmax = 2
            text = ""
    item [2]:
        class = "TextTier"
        name = "marks"
        xmin = 0
        xmax = 2
        points: size = 1
        points [1]:
            number = 1.5
            mark = "click"
"""
SHORT = """File type = "ooTextFile"
Object class = "TextGrid"

0
2
<exists>
1
"IntervalTier"
"words"
0
2
2
0
0.75
"dog"
0.75
2
""
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-8-sig"])
def test_textgrids_of_the_long_form(tmp_path, encoding):
    sound(tmp_path / "a.wav")
    text(tmp_path / "a.TextGrid", LONG, encoding)
    assert known(open_events(tmp_path)) == {"a.wav": [['say "да" 3', 0.0, 0.75]]}


def test_textgrids_of_the_short_form(tmp_path):
    sound(tmp_path / "a.wav")
    text(tmp_path / "a.TextGrid", SHORT)
    assert known(open_events(tmp_path)) == {"a.wav": [["dog", 0.0, 0.75]]}


HEADER = "filename,onset,offset,event_label\n"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (f"{HEADER}a.wav,0,1,dog\na.wav,1,x,dog\n", "row 3: 'x' is no time"),
        (f"{HEADER}a.wav,1,0.5,dog\n", "row 2: event 'dog' from 1 to 0.5 s"),
        (f"{HEADER}a.wav,-1,0.5,dog\n", "row 2: event 'dog' from -1 to 0.5 s"),
        (f"{HEADER}a.wav,0,1,\n", "row 2: an event without a class"),
        (f"{HEADER}a.wav,0,9,dog\n", "row 2: event 'dog' ends at 9 s"),
        (f"{HEADER},0,1,dog\n", "row 2 has no file"),
        (f"{HEADER}gone.wav,0,1,dog\n", "row 2: no such file gone.wav"),
        (f"{HEADER}a.wav,,,\n", "none of its 1 recordings has an event"),
        ("filename,onset,event_label\na.wav,0,dog\n", "column 'onset' but no offset"),
        ("filename,onset,offset\na.wav,0,1\n", "no column for the labels"),
        ("onset,offset,event_label\n0,1,dog\n", "no column for the files"),
        ("filename,onset,offset,event_label,split\na.wav,0,1,dog,maybe\n", "row 2: split is 'maybe'"),
        (
            "filename,onset,offset,event_label,split\na.wav,0,1,dog,train\na.wav,1,2,dog,test\n",
            "row 3: a.wav has another part",
        ),
    ],
)
def test_bad_rows_are_named(tmp_path, rows, message):
    sound(tmp_path / "a.wav")
    with pytest.raises(DataError, match=r"e\.csv|^e: ") as error:
        open_events(text(tmp_path / "e.csv", rows))
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", "0\t1\tdog\n0.5 1 cat\n", "a.txt: line 2 is '0.5 1 cat'"),
        ("a.txt", "0\tone\tdog\n", "a.txt: line 1: 'one' is no time"),
        ("a.txt", "1\t0\tdog\n", "a.txt: line 1: from 1 to 0 s"),
        ("a.rttm", "SPEAKER a 1 0 1\n", "a.rttm: line 1 has 5 words"),
        ("a.rttm", "SPEAKER b 1 0 1 <NA> <NA> x\n", "a.rttm: no such file b"),
        ("a.selections.txt", "Selection\tBegin\n1\t2\n", "no columns Begin Time (s)"),
        ("a.selections.txt", "Begin Time (s)\tEnd Time (s)\n1\t2\n", "no column for the class"),
        ("a.selections.txt", "Begin Time (s)\tEnd Time (s)\tSpecies\n0\t1\t\n", "line 2 has no species"),
        ("a.TextGrid", "hello\n", "no TextGrid"),
        ("a.TextGrid", LONG[:480], "damaged after line"),
    ],
)
def test_bad_label_files_are_named(tmp_path, name, content, message):
    sound(tmp_path / "a.wav")
    text(tmp_path / name, content)
    with pytest.raises(DataError) as error:
        open_events(tmp_path)
    assert message in str(error.value)
    assert str(tmp_path) in str(error.value)


def test_a_name_that_two_files_have_is_refused(tmp_path):
    sound(tmp_path / "audio/x/a.wav")
    sound(tmp_path / "audio/y/a.wav")
    with pytest.raises(DataError, match="may be"):
        open_events(text(tmp_path / "e.csv", f"{HEADER}a.wav,0,1,dog\n"))


def test_folders_without_events_and_columns_of_folders_are_refused(tmp_path):
    sound(tmp_path / "a.wav")
    with pytest.raises(DataError, match="no events"):
        open_events(tmp_path)
    with pytest.raises(UsageError, match="--label-column names a column"):
        open_events(tmp_path, label_column="x")
    with pytest.raises(DataError, match="not a table"):
        open_events(tmp_path / "a.wav")


def test_label_files_without_sounds_are_refused(tmp_path):
    sound(tmp_path / "a.wav")
    text(tmp_path / "empty.rttm", "\n")
    with pytest.raises(DataError, match="no such file empty"):
        open_events(tmp_path)

"""Sets of series: .ts and .arff files, .npz of X and y, folders and tables; and what is wrong with them."""

from pathlib import Path

import numpy as np
import pytest

from multicnn.audio.datasets import open_audio
from multicnn.audio.series.arff import read_arff
from multicnn.audio.series.files import load
from multicnn.audio.series.layouts import expand
from multicnn.audio.series.ts import read_ts
from multicnn.errors import DataError, UsageError

HEADER = """# a remark
@problemName Walks
@timeStamps false
@missing true
@univariate false
@dimensions 2
@equalLength {equal}
{length}@classLabel true slow fast
@data
"""
ROWS = "1,2,3:4,5,6:slow\n1,?,3:4,5,NaN:fast\n"


def ts(
    folder: Path, name: str = "Walks_TRAIN.ts", rows: str = ROWS, equal: str = "true", length: int | None = 3
) -> Path:
    head = HEADER.format(equal=equal, length=f"@seriesLength {length}\n" if length else "")
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(head + rows)
    return folder / name


def test_a_ts_file_becomes_series_with_gaps_and_labels(tmp_path):
    found = read_ts(ts(tmp_path))
    assert found.labels == ["slow", "fast"]
    assert found.classes == ("slow", "fast")
    np.testing.assert_array_equal(found.series[1].values, [[1, 4], [np.nan, 5], [3, np.nan]])


def test_series_of_unequal_length_and_of_one_channel_are_read(tmp_path):
    found = read_ts(ts(tmp_path, rows="1,2:3,4:slow\n1:2:fast\n", equal="false", length=None))
    assert [s.values.shape for s in found.series] == [(2, 2), (1, 2)]
    (tmp_path / "one.ts").write_text("@univariate true\n@classLabel false\n@data\n1,2,3\n4\n")
    found = read_ts(tmp_path / "one.ts")
    assert found.labels is None
    assert [s.values.shape for s in found.series] == [(3, 1), (1, 1)]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("1,2,3:4,5,6:slow\n1,2,3:fast\n", "line 12 has 1 dimensions, the header says 2"),
        ("1,2:4,5:slow\n", "line 11 has 2 steps, the header says @seriesLength 3"),
        ("1,2,3:4,5:slow\n", "line 11: its 2 dimensions have 2 to 3 numbers"),
        ("1,2,3:4,5,6:medium\n", "line 11 has the label 'medium', the header lists slow, fast"),
        ("1,2,3:4,5,6\n", "line 11 has the label '4,5,6'"),
        ("slow\n", "line 11 holds no series, only 'slow'"),
        ("1,two,3:4,5,6:slow\n", "line 11: 'two' is no number"),
        ("", "no series behind @data"),
    ],
)
def test_a_ts_file_that_is_not_as_its_header_says_is_refused(tmp_path, rows, says):
    with pytest.raises(DataError, match=f"Walks_TRAIN.ts: {says}"):
        read_ts(ts(tmp_path, rows=rows))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "@timeStamps true\n@data\n(0,1),(1,2):a\n",
            "line 1: series with time stamps are not read; save them as a CSV",
        ),
        ("@targetlabel true\n@data\n", r"line 1: its targets are numbers \(@targetlabel\), not classes"),
        ("@dimensions two\n@data\n", "line 1: @dimensions is 'two'; write a whole number above 0"),
        ("@univariate perhaps\n@data\n", "line 1: @univariate is 'perhaps'; write true or false"),
        ("@classLabel true\n@data\n", "line 1: @classLabel true lists no class"),
        ("1,2,3\n", "line 1 comes before @data and is no @line"),
        ("@classLabel false\n", "no line @data; it is no .ts file"),
        ("@equalLength true\n@classLabel false\n@data\n1,2\n1,2,3\n", "line 5 has 3 steps, the first series 2"),
        ("@classLabel false\n@data\n1:2\n1\n", "line 4 has 1 dimensions, the first series 2"),
    ],
)
def test_a_ts_header_that_cannot_be_followed_is_named_by_its_line(tmp_path, text, says):
    (tmp_path / "a.ts").write_text(text)
    with pytest.raises(DataError, match=f"a.ts: {says}"):
        read_ts(tmp_path / "a.ts")


ARFF = """% a remark
@relation Walks
@attribute walk relational
@attribute a1 numeric
@attribute a2 numeric
@end walk
@attribute speed {slow,fast}
@data
'1,2\\n3,4',slow
'1,?\\n3,5',fast
"""


def test_an_arff_file_becomes_series_of_one_or_several_channels(tmp_path):
    (tmp_path / "a.arff").write_text(ARFF)
    found = read_arff(tmp_path / "a.arff")
    assert (found.labels, found.classes) == (["slow", "fast"], ("slow", "fast"))
    np.testing.assert_array_equal(found.series[1].values, [[1, 3], [np.nan, 5]])
    (tmp_path / "b.arff").write_text("@attribute a real\n@attribute 'the class' {'1', '2'}\n@data\n1.5,2.5,2\n")
    found = read_arff(tmp_path / "b.arff")
    assert (found.labels, found.series[0].values.tolist()) == (["2"], [[1.5], [2.5]])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("',slow", "',medium"), "line 9 has the label 'medium', the header lists slow, fast"),
        (("3,4',slow", "3,4\\n5,6',slow"), "line 10 has 2 channels, the first series 3"),
        (("3,4'", "3'"), "line 9: its channels differ in length"),
        (("1,2", "1,two"), "line 9: 'two' is no number"),
        (("@data", "@end"), "no line @data; it is no .arff file"),
        (("{slow,fast}", "string"), "no attribute lists classes"),
        ((ARFF[ARFF.index("'1,2") :], ""), "no series behind @data"),
        (("'1,2\\n3,4',slow", "slow"), "line 9 holds no series"),
    ],
)
def test_a_damaged_arff_file_is_named_with_its_line(tmp_path, change, says):
    (tmp_path / "a.arff").write_text(ARFF.replace(*change))
    with pytest.raises(DataError, match=f"a.arff: {says}"):
        read_arff(tmp_path / "a.arff")


def test_a_pair_of_files_is_found_by_its_name_from_file_and_folder(tmp_path):
    train = ts(tmp_path / "Walks")
    ts(tmp_path / "Walks", "Walks_TEST.ts", rows="7,8,9:1,2,3:fast\n")
    for path in (train, tmp_path / "Walks"):
        table = open_audio(path)
        assert (table.name, table.classes) == ("Walks", ("slow", "fast"))
        assert table.split is not None
        assert table.split.tolist() == ["train", "train", "test"]
        assert table.ids.tolist() == ["Walks_TRAIN.ts#0", "Walks_TRAIN.ts#1", "Walks_TEST.ts#0"]
        assert table.target.tolist() == [0, 1, 1]
        assert load(table.items[2]).values[:, 0].tolist() == [7, 8, 9]
        assert table.said == ("Walks_TRAIN.ts: 2 series, the part train", "Walks_TEST.ts: 1 series, the part test")


def test_a_test_file_named_alone_is_read_alone_and_a_training_file_without_one_is_dealt(tmp_path):
    ts(tmp_path)
    table = open_audio(tmp_path / "Walks_TRAIN.ts")
    assert (len(table), table.split) == (2, None)
    alone = open_audio(ts(tmp_path, "Walks_TEST.ts"))
    assert (len(alone), alone.split) == (2, None)


def test_of_several_sets_in_a_folder_the_one_with_its_name_is_taken(tmp_path):
    for name in ("Walks", "Walks_eq"):
        ts(tmp_path / "Walks", f"{name}_TRAIN.ts")
        ts(tmp_path / "Walks", f"{name}_TEST.ts")
    assert open_audio(tmp_path / "Walks").ids[0] == "Walks_TRAIN.ts#0"
    (tmp_path / "Walks").rename(tmp_path / "other")
    with pytest.raises(DataError, match=r"several sets lie in it \(Walks, Walks_eq\); give one of their files"):
        open_audio(tmp_path / "other")


def test_classes_that_only_the_test_has_and_sets_without_labels_are_refused(tmp_path):
    ts(tmp_path, rows="1,2,3:4,5,6:slow\n")
    ts(tmp_path, "Walks_TEST.ts")
    with pytest.raises(DataError, match="class 'fast' is in test but not in train"):
        open_audio(tmp_path / "Walks_TRAIN.ts")
    (tmp_path / "bare.ts").write_text("@classLabel false\n@data\n1,2\n")
    with pytest.raises(DataError, match=r"bare.ts: its series have no labels"):
        open_audio(tmp_path / "bare.ts")
    with pytest.raises((DataError, UsageError), match=r"bare.ts"):
        open_audio(tmp_path / "bare.ts", label_column="y")


def test_a_set_of_arrays_has_series_labels_and_parts(tmp_path):
    x = np.arange(24.0).reshape(3, 4, 2)
    x[1, 2:] = np.nan
    np.savez(tmp_path / "a.npz", X=x, y=np.array([1.0, 2.0, 1.0]))
    table = open_audio(tmp_path / "a.npz")
    assert (table.classes, table.target.tolist(), table.split) == (("1", "2"), [0, 1, 0], None)
    assert [load(i).values.shape for i in table.items] == [(4, 2), (2, 2), (4, 2)]
    np.savez(tmp_path / "b.npz", x_train=x, y_train=["a", "b", "a"], x_test=x[:1], y_test=["b"])
    table = open_audio(tmp_path / "b.npz")
    assert table.split is not None
    assert table.split.tolist() == ["train"] * 3 + ["test"]
    assert table.target.tolist() == [0, 1, 0, 1]


@pytest.mark.parametrize(
    ("arrays", "says"),
    [
        ({"X": np.zeros((3, 4, 2)), "y": np.zeros(2)}, r"X holds 3 series, y has shape \(2,\)"),
        ({"X": np.zeros((3, 4, 2, 2)), "y": np.zeros(3)}, r"X has shape \(3, 4, 2, 2\), float64"),
        ({"X": np.zeros((3, 4, 2))}, "its series have no labels"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(tmp_path, arrays, says):
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(DataError, match=f"a.npz: {says}"):
        open_audio(tmp_path / "a.npz")


def test_series_lie_in_class_folders_and_tables_as_sounds_do(tmp_path):
    for name in ("walk", "run"):
        (tmp_path / "set" / name).mkdir(parents=True)
        np.save(tmp_path / "set" / name / "1.npy", np.zeros((5, 2)))
        (tmp_path / "set" / name / "2.csv").write_text("x,y\n1,2\n")
    table = open_audio(tmp_path / "set")
    assert table.classes == ("run", "walk")
    assert table.ids.tolist() == ["run/1.npy", "run/2.csv", "walk/1.npy", "walk/2.csv"]
    (tmp_path / "list.csv").write_text("path,label\nset/walk/1.npy,walk\nset/run/2.csv,run\n")
    assert open_audio(tmp_path / "list.csv").ids.tolist() == ["set/walk/1.npy", "set/run/2.csv"]


def test_sounds_and_series_in_one_set_are_refused_but_tables_beside_sounds_are_not(tmp_path, tone_file):
    (tmp_path / "set" / "a").mkdir(parents=True)
    tone_file.rename(tmp_path / "set" / "a" / "tone.wav")
    (tmp_path / "set" / "a" / "notes.csv").write_text("start,end\n0,1\n")
    assert open_audio(tmp_path / "set").ids.tolist() == ["a/tone.wav"]
    for n in range(300):  # which come before the sounds by their names
        (tmp_path / "set" / "a" / f"note {n}.csv").write_text("start,end\n0,1\n")
    assert open_audio(tmp_path / "set").ids.tolist() == ["a/tone.wav"]
    np.save(tmp_path / "set" / "a" / "1.npy", np.zeros((5, 2)))
    with pytest.raises(DataError, match=r"set: sounds \(.wav\) and series \(.npy\) lie in one set; move one kind"):
        open_audio(tmp_path / "set")
    (tmp_path / "list.csv").write_text("path,label\nset/a/tone.wav,a\nset/a/1.npy,b\n")
    with pytest.raises(DataError, match=r"list: set/a/tone.wav is a sound and set/a/1.npy a series"):
        open_audio(tmp_path / "list.csv")


def test_a_series_is_named_by_its_place_in_the_file(tmp_path):
    path = ts(tmp_path)
    assert [name for name, _ in expand(path) or []] == [f"{path}#0", f"{path}#1"]
    assert expand(Path(f"{path}#1")) == [(f"{path}#1", f"{path}#1")]
    with pytest.raises(DataError, match=r"Walks_TRAIN.ts#7: the file holds 2 series, counted from 0"):
        load(f"{path}#7")
    with pytest.raises(DataError, match=r"Walks_TRAIN.ts holds 2 series; name one, as Walks_TRAIN.ts#0"):
        load(path)
    (tmp_path / "a.csv").write_text("1,2\n")
    with pytest.raises(DataError, match=r"a.csv#1: no series of that name"):
        load(f"{tmp_path / 'a.csv'}#1")


def test_a_table_of_paths_is_not_taken_for_a_series(tmp_path):
    (tmp_path / "list.csv").write_text("path\na.npy\n")
    (tmp_path / "walk.csv").write_text("x\n1\n")
    assert expand(tmp_path / "list.csv") is None
    assert expand(tmp_path / "walk.csv") == [(str(tmp_path / "walk.csv"), tmp_path / "walk.csv")]
    assert expand(tmp_path / "a.npy") is None

"""Files of one series: arrays, tables, skeletons; and what is wrong with them."""

from pathlib import Path

import numpy as np
import pytest

from multicnn.audio.series.bvh import read_bvh
from multicnn.audio.series.files import load
from multicnn.audio.series.sheets import read_sheet
from multicnn.errors import DataError

SKELETON = """HIERARCHY
ROOT Hips
{
  OFFSET 0.00 0.00 0.00
  CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
  JOINT Chest
  {
    OFFSET 0.00 5.21 0.00
    CHANNELS 3 Zrotation Xrotation Yrotation
    End Site
    {
      OFFSET 0.00 3.40 0.00
    }
  }
}
MOTION
Frames: 3
Frame Time: 0.04
8.0 35.0 42.0 170.0 -1.0 2.0 10.0 20.0 30.0
8.1 35.1 42.1 179.0 -2.0 2.5 11.0 21.0 31.0
8.2 35.2 42.2 -172.0 -3.0 3.0 12.0 22.0 32.0
"""


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_skeleton_becomes_the_angles_of_its_joints_without_jumps(tmp_path):
    found = read_bvh(written(tmp_path, "walk.bvh", SKELETON))
    turns = ("Zrotation", "Xrotation", "Yrotation")
    assert found.names == (*(f"Hips.{t}" for t in turns), *(f"Chest.{t}" for t in turns))
    np.testing.assert_allclose(found.values[:, 0], [170, 179, 188])  # and not -172
    np.testing.assert_allclose(found.values[2, 1:], [-3, 3, 12, 22, 32])
    np.testing.assert_allclose(found.times, [0, 0.04, 0.08])
    assert found.rate == pytest.approx(25)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("HIERARCHY", "SKELETON"), "no HIERARCHY and MOTION"),
        (("MOTION", ""), "no HIERARCHY and MOTION"),
        (("Frames: 3", "Frames: 4"), "27 numbers, where 4 frames of 9 channels make 36"),
        (("Frames: 3", "Frames: three"), "MOTION needs Frames:, Frame Time: and numbers"),
        (("Frame Time: 0.04", "Frame Time: 0"), "3 frames of 0 s each; both must be above 0"),
        (("Frames: 3\nFrame Time: 0.04\n", ""), "MOTION needs"),
        (("31.0", "fast"), "MOTION needs .* 'fast'"),
        (("CHANNELS 3 Zr", "CHANNELS 2 Zr"), "'Yrotation' is no word of a skeleton"),
        (("CHANNELS 3 Zr", "CHANNELS x Zr"), "joint 'Chest' has CHANNELS x"),
        (("CHANNELS 3 Zrotation", "CHANNELS 3 Wrotation"), "joint 'Chest' has CHANNELS 3 Wrotation"),
        (("}\nMOTION", "\nMOTION"), "joint 'Hips' of the skeleton is never closed"),
        (("}\nMOTION", "}}\nMOTION"), "is no word of a skeleton"),
        (("}\nMOTION", "} }\nMOTION"), "has a } too many"),
    ],
)
def test_a_damaged_skeleton_is_named_with_its_reason(tmp_path, change, says):
    path = written(tmp_path, "walk.bvh", SKELETON.replace(*change))
    with pytest.raises(DataError, match=f"walk.bvh: .*{says}"):
        read_bvh(path)


def test_a_skeleton_without_channels_or_angles_is_refused(tmp_path):
    still = "HIERARCHY ROOT a { OFFSET 0 0 0 }\nMOTION\nFrames: 1\nFrame Time: 1\n"
    with pytest.raises(DataError, match="its skeleton has no CHANNELS"):
        read_bvh(written(tmp_path, "a.bvh", still))
    moved = "HIERARCHY ROOT a { OFFSET 0 0 0 CHANNELS 1 Xposition }\nMOTION\nFrames: 1\nFrame Time: 1\n3\n"
    with pytest.raises(DataError, match="no joint has an angle"):
        read_bvh(written(tmp_path, "b.bvh", moved))


@pytest.mark.parametrize(
    ("text", "names", "values", "times"),
    [
        ("1,2\n3,4\n", (), [[1, 2], [3, 4]], None),
        ("x,y\n1,2\n3,4\n", ("x", "y"), [[1, 2], [3, 4]], None),
        ("time,x,y\n0.5,1,2\n1.0,3,4\n", ("x", "y"), [[1, 2], [3, 4]], [0, 0.5]),
        ("Time_ms;x\n100;1,5\n150;2,5\n", ("x",), [[1.5], [2.5]], [0, 0.05]),
        ("# a remark\nx\ty\n1\t\n\n3\tNaN\n", ("x", "y"), [[1, np.nan], [3, np.nan]], None),
        ("timestamp,x,label\n2024-01-31T12:00:00,1,a\n2024-01-31 12:00:00.250,2,b\n", ("x",), [[1], [2]], [0, 0.25]),
        ("x|y\n1|2\n", ("x", "y"), [[1, 2]], None),
        ("7\n8\n", (), [[7], [8]], None),
    ],
)
def test_tables_become_channels_and_times(tmp_path, text, names, values, times):
    found = read_sheet(written(tmp_path, "walk.csv", text))
    assert found.names == names
    np.testing.assert_allclose(found.values, values)
    if times is None:
        assert found.times is None
    else:
        np.testing.assert_allclose(found.times, times, atol=1e-9)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the file is empty"),
        ("\n\n", "the file is empty"),
        ("x,y\n", "no numbers in the file"),
        ("x,y\n1,2\n3\n", "row 3 has 1 cells, the first row 2"),
        ("1,2\n3,4,5\n", "row 2 has 3 cells, the first row 2"),
        ("x,y\n1,two\n", "row 2, column 'y': 'two' is no number"),
        ("1,2\n3,four\n", "row 2, column 2: 'four' is no number"),
        ("time,x\n1,1\n1,2\n", "row 3: time 1 is not after 1 of the row before"),
        ("time,x\n0,1\nlater,2\n", "row 3: time 'later' is neither a number nor a date"),
        ("time,x\n0,1\n,2\n", "row 3: time '' is neither"),
        ("time,label\n0,a\n", "no channel beside time, label"),
        ("x,x\n0,1\n", "two columns are named 'x'"),
        ('x,y\n"1\n2",3\n', "a quoted cell goes on in the next line"),
        ("x,y\n1," + "1" * 200_000 + "\n", "not a table that can be read .field larger"),
    ],
)
def test_a_table_that_is_no_series_is_refused_with_its_row(tmp_path, text, says):
    with pytest.raises(DataError, match=f"walk.csv: {says}"):
        read_sheet(written(tmp_path, "walk.csv", text))


def test_arrays_are_read_as_they_are(tmp_path):
    np.save(tmp_path / "a.npy", np.arange(6).reshape(3, 2))
    np.savez(tmp_path / "b.npz", walk=np.arange(3.0))
    assert load(tmp_path / "a.npy").values.tolist() == [[0, 1], [2, 3], [4, 5]]
    assert load(tmp_path / "a.npy").turnable
    assert load(tmp_path / "b.npz").values.tolist() == [[0], [1], [2]]
    assert load(np.zeros((4, 2), np.int16)).values.shape == (4, 2)


@pytest.mark.parametrize(
    ("array", "says"),
    [
        (np.zeros((2, 2, 2)), r"shape \(2, 2, 2\), float64, is no series"),
        (np.zeros(()), r"shape \(\), float64, is no series"),
        (np.zeros((0, 3)), r"shape \(0, 3\), float64, is no series"),
        (np.array(["a"]), "is no series; give numbers of shape t c"),
        (np.zeros(3, complex), "complex128, is no series"),
    ],
)
def test_an_array_that_is_no_series_is_refused(tmp_path, array, says):
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(DataError, match=f"a.npy: .*{says}"):
        load(tmp_path / "a.npy")


def test_nothing_is_unpickled_and_damage_is_named(tmp_path):
    np.save(tmp_path / "a.npy", np.array([np.zeros(2), np.zeros(3)], dtype=object), allow_pickle=True)
    with pytest.raises(DataError, match=r"a.npy: cannot be read .it holds Python objects, which are never unpickled"):
        load(tmp_path / "a.npy")
    np.savez(tmp_path / "b.npz", one=np.zeros(3), two=np.zeros(3))
    with pytest.raises(DataError, match=r"b.npz: 2 arrays \(one, two\); save one series alone"):
        load(tmp_path / "b.npz")
    for name in ("c.npy", "c.npz"):
        written(tmp_path, name, "these are no numbers")
        with pytest.raises(DataError, match=f"{name}: cannot be read"):
            load(tmp_path / name)
    whole = (tmp_path / "b.npz").read_bytes()
    (tmp_path / "d.npz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match=r"d.npz: cannot be read"):
        load(tmp_path / "d.npz")


def test_what_is_not_there_is_said(tmp_path):
    with pytest.raises(DataError, match=r"gone.npy: no such file"):
        load(tmp_path / "gone.npy")
    written(tmp_path, "empty.npy", "")
    with pytest.raises(DataError, match=r"empty.npy: the file is empty \(0 bytes\)"):
        load(tmp_path / "empty.npy")
    written(tmp_path, "a.txt", "1")
    with pytest.raises(DataError, match=r"a.txt: no series of that name; give a file ending in .arff, .bvh"):
        load(tmp_path / "a.txt")

"""Mixtures with stems in the layouts they are published in, on tiny trees."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from multicnn.audio.datasets.stems import open_stems
from multicnn.audio.datasets.stems.duets import duets
from multicnn.audio.datasets.stems.folders import VALIDATION
from multicnn.audio.stems import MixtureReader
from multicnn.audio.stems.defaults import defaults
from multicnn.audio.stems.reader import plan_answer, plan_reader
from multicnn.errors import DataError, UsageError

RATE = 8000
READER = MixtureReader(rate=RATE, seconds=0.1)


def sound(path: Path, number: float = 0.0) -> Path:
    """A tenth of a second of its own tone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tone = 0.1 * np.sin(np.arange(800) * (0.1 + number))
    soundfile.write(path, tone.astype(np.float32), RATE, subtype="PCM_16")
    return path


def musdb(root: Path) -> Path:
    names = [("train", "A - One"), ("train", sorted(VALIDATION)[0]), ("test", "B - Two")]
    for n, (part, name) in enumerate(names):
        for k, stem in enumerate(("mixture", "vocals", "drums", "bass", "other")):
            sound(root / part / name / f"{stem}.wav", n / 10 + k / 100)
    return root


def librimix(root: Path, mixture: str = "mix_clean") -> Path:
    for part in ("train-100", "dev", "test"):
        for n in range(2):
            for folder in (mixture, "s1", "s2", "noise"):
                sound(root / part / folder / f"{part}-{n}.wav", n / 10)
    return root


def parts(table) -> list[str]:
    return [str(part) for part in table.split]


def test_musdb18_has_its_parts_and_its_validation_tracks(tmp_path):
    table = open_stems(musdb(tmp_path / "musdb18hq"))
    assert table.classes == ("bass", "drums", "other", "vocals")
    assert dict(zip(map(str, table.ids), parts(table), strict=True)) == {
        "train/A - One": "train", f"train/{sorted(VALIDATION)[0]}": "val", "test/B - Two": "test",
    }  # fmt: skip
    assert len(VALIDATION) == 14
    assert "MUSDB18: 1 of its 14 validation tracks" in table.said
    assert "3 tracks; the input is the mixture's file, what it holds beside the stems is kept apart" in table.said
    assert all(str(item).endswith("mixture.wav") for item in table.items)


def test_what_the_mixture_holds_beside_the_stems_is_kept(tmp_path):
    table = open_stems(musdb(tmp_path / "musdb18hq"))
    stems = plan_answer(table, READER)
    assert stems.width == 5
    found = stems(f"{table.items[0]}\0{table.answer[0]}").reshape(-1, 5)
    np.testing.assert_array_equal(found.sum(1), READER(str(table.items[0])))
    vocals, _ = soundfile.read(Path(table.items[0]).with_name("vocals.wav"), dtype="int16")
    np.testing.assert_array_equal(found[:, 3], vocals)


def test_tracks_without_mixture_or_a_stem_are_summed_from_what_there_is(tmp_path):
    for name in ("one", "two"):
        sound(tmp_path / name / "guitar.wav", 0.1)
        sound(tmp_path / name / "notes.txt.wav", 0.2).unlink()
    sound(tmp_path / "two" / "voice.flac", 0.3)
    table = open_stems(tmp_path)
    assert table.classes == ("guitar", "voice")
    assert table.target.tolist() == [[True, False], [True, True]]
    assert table.split is None
    assert "2 tracks; the input is the sum of the stems" in table.said
    assert "1 tracks without voice, which is silent there" in table.said
    stems = plan_answer(table, READER)
    for item, answer in zip(map(str, table.items), map(str, table.answer), strict=True):
        found = stems(f"{item}\0{answer}").reshape(-1, 2)
        np.testing.assert_array_equal(found.sum(1), READER(item))
    assert plan_reader(table, np.arange(2)).rate == RATE


@pytest.mark.parametrize(("mixture", "says"), [("mix_clean", "mix_clean"), ("mix_both", "mix_both")])
def test_librimix_is_read_by_its_folders(tmp_path, mixture, says):
    table = open_stems(librimix(tmp_path / "Libri2Mix", mixture))
    assert table.classes == ("s1", "s2")
    assert parts(table) == ["val"] * 2 + ["test"] * 2 + ["train"] * 2
    assert f"mixtures of folder {says}" in table.said
    assert all(f"/{mixture}/" in str(item) for item in table.items)
    assert defaults(table, READER, 2)["task"] == {"permute": True}


def test_wsj0_mix_is_read_by_its_folders(tmp_path):
    for part in ("tr", "cv", "tt"):
        for folder in ("mix", "s1", "s2", "s3"):
            sound(tmp_path / part / folder / "011a0101.wav")
    table = open_stems(tmp_path)
    assert table.classes == ("s1", "s2", "s3")
    assert sorted(parts(table)) == ["test", "train", "val"]


def test_a_mixture_without_a_source_is_named(tmp_path):
    librimix(tmp_path)
    (tmp_path / "dev" / "s2" / "dev-1.wav").unlink()
    with pytest.raises(DataError, match=r"mix_clean/dev-1.wav: folder s2 has no file of that name; add it"):
        open_stems(tmp_path)


def test_librimix_tables_are_read_by_their_columns(tmp_path):
    rows = ["mixture_ID,mixture_path,source_1_path,source_2_path,noise_path,length"]
    for n in range(2):
        cells = [f"m{n}", *(sound(tmp_path / f"{name}{n}.wav", n / 10) for name in ("mix", "a", "b", "noise")), 800]
        rows.append(",".join(map(str, cells)))
    path = tmp_path / "mixture_train-100_mix_both.csv"
    path.write_text("\n".join(rows))
    table = open_stems(path)
    assert table.classes == ("source_1", "source_2")
    assert str(table.items[1]).endswith("mix1.wav")
    assert json.loads(str(table.answer[1]))["stems"]["source_2"] == [[str(tmp_path / "b1.wav"), 0.0, 0.0]]
    assert defaults(table, READER, 2)["task"] == {"permute": True}


def test_a_table_of_stems_has_any_names_parts_groups_and_gaps(tmp_path):
    for name in ("a", "b", "c"):
        sound(tmp_path / f"{name}.wav")
    path = tmp_path / "takes.csv"
    path.write_text("song,split,voice_file,piano\nx,train,a.wav,b.wav\ny,test,c.wav,\n")
    table = open_stems(path, group_column="song")
    assert table.classes == ("piano", "voice")
    assert parts(table) == ["train", "test"]
    assert [str(g) for g in table.group] == ["x", "y"]
    assert table.target.tolist() == [[True, True], [False, True]]
    assert [str(i) for i in table.ids] == ["takes.csv:2", "takes.csv:3"]
    assert defaults(table, READER, 1)["task"] == {"permute": False}
    assert parts(open_stems(path, split_column="split")) == ["train", "test"]
    mixed = open_stems(path, item_column="voice_file")
    assert mixed.classes == ("piano",)
    assert str(mixed.items[1]).endswith("c.wav")


def test_layouts_that_are_none_are_refused(tmp_path):
    with pytest.raises(DataError, match="no mixtures with stems; give a folder a track"):
        open_stems(tmp_path)
    sound(tmp_path / "track" / "mixture.wav")
    with pytest.raises(DataError, match="no mixtures with stems"):
        open_stems(tmp_path)
    sound(tmp_path / "track" / "voice.wav")
    sound(tmp_path / "track" / "voice.flac")
    with pytest.raises(DataError, match=r"stem 'voice' has another file, .*voice.flac; keep one of them"):
        open_stems(tmp_path)
    with pytest.raises(UsageError, match=r"--label-column names a column, but .* is no table"):
        open_stems(tmp_path, label_column="x")
    path = tmp_path / "t.csv"
    path.write_text("mixture,text\ntrack/mixture.wav,hello\n")
    with pytest.raises(DataError, match="no column of stems, which are sound files, among 'mixture', 'text'"):
        open_stems(path)
    with pytest.raises(DataError, match="--label-column text names none"):
        open_stems(path, label_column="text")
    path.write_text("mixture,voice\ntrack/mixture.wav,track/none.wav\n")
    with pytest.raises(DataError, match="row 2: no such file"):
        open_stems(path)


def test_duets_keep_the_notes_of_the_test_apart():
    table = duets()
    assert len(table) == 300
    assert table.classes == ("drums", "organ")
    notes = {"train": set(), "test": set()}
    for part, answer in zip(parts(table), map(str, table.answer), strict=True):
        notes[part] |= {file for sounds in json.loads(answer)["stems"].values() for file, *_ in sounds}
    assert not notes["train"] & notes["test"]
    reader = plan_reader(table, np.arange(240))
    assert (reader.rate, reader.seconds) == (16_000, 2.0)
    stems = plan_answer(table, reader)
    for row in (0, 299):
        found = stems(f"{table.items[row]}\0{table.answer[row]}").reshape(-1, 2)
        assert found.shape == (32_000, 2)
        assert np.abs(found).max(0).min() > 500
        np.testing.assert_array_equal(found.sum(1), reader(str(table.items[row])))
    assert json.loads(str(duets().answer[7])) == json.loads(str(table.answer[7]))


def test_one_stem_alone_is_no_mixture(tmp_path):
    for track in "abc":
        sound(tmp_path / track / "voice.wav", 0.5)
    with pytest.raises(DataError, match="'voice' is its only stem, so nothing is mixed; give two stems"):
        open_stems(tmp_path)
    for track in "abc":
        sound(tmp_path / track / "mixture.wav", 0.5)
    assert open_stems(tmp_path).classes == ("voice",)

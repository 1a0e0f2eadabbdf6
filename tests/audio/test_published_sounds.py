"""Published sets in made trees of exactly their layout, with their traps."""

import csv
import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile

from multicnn.audio import DATASETS
from multicnn.audio.datasets import open_audio
from multicnn.audio.reader import SoundReader
from multicnn.audio.segment import segment
from multicnn.data.splits import folds, split
from multicnn.data.table import Table
from multicnn.errors import DataError

RATE = 8_000  # Hz


def write(path: Path, seconds: float = 0.1, *, rate: int = RATE, channels: int = 1, subtype: str = "PCM_16") -> None:
    """A sound of its own: noise seeded by its name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(sum(path.name.encode())).uniform(-0.1, 0.1, (int(seconds * rate), channels))
    kind = "VORBIS" if path.suffix == ".ogg" else subtype
    soundfile.write(path, noise, rate, subtype=kind)


def table(path: Path, header: str, rows: Sequence[Sequence[object]]) -> None:
    """A CSV file as the csv module writes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header.split(","), *rows])


def labels(t: Table) -> dict[str, str]:
    """Each sample's label, or labels between bars, by its name."""
    if t.several:
        return {
            i: "|".join(c for c, has in zip(t.classes, y, strict=True) if has)
            for i, y in zip(t.ids, t.target, strict=True)
        }
    return {i: t.classes[y] for i, y in zip(t.ids, t.target, strict=True)}


def parts(t: Table) -> dict[str, str]:
    assert t.split is not None
    return dict(zip(t.ids, t.split, strict=True))


def groups(t: Table) -> list[str]:
    assert t.group is not None
    return list(t.group)


def decoded(t: Table) -> None:
    """Every item is read."""
    reader = SoundReader(rate=RATE, seconds=1.0)
    assert all(len(reader(item)) for item in t.items)


@pytest.fixture
def esc50(tmp_path: Path) -> Path:
    """Three classes, two of ESC-10, two takes of each recording, five folds."""
    rows = []
    for fold in range(1, 6):
        for target, (category, small) in enumerate((("dog", True), ("rooster", True), ("pig", False))):
            for take in "AB":
                source = 100_000 + 10 * fold + target
                name = f"{fold}-{source}-{take}-{target}.wav"
                write(tmp_path / "audio" / name, rate=44_100)
                rows.append([name, fold, target, category, small, source, take])
    table(tmp_path / "meta" / "esc50.csv", "filename,fold,target,category,esc10,src_file,take", rows)
    return tmp_path


def test_esc50_is_read_by_its_list(esc50: Path):
    t = open_audio(esc50)
    assert (t.name, len(t), t.classes) == ("esc50", 30, ("dog", "pig", "rooster"))
    assert {i for i, part in parts(t).items() if part == "test"} == {i for i in t.ids if i.startswith("audio/5-")}
    assert set(Counter(groups(t)).values()) == {2}
    found = folds(t)
    assert [sorted({i[6] for i in t.ids[f.test]}) for f in found] == [["1"], ["2"], ["3"], ["4"], ["5"]]
    plain = split(t)
    assert {i[6] for i in t.ids[plain.test]} == {"5"}
    assert not set(t.group[plain.val]) & set(t.group[plain.train])  # pyright: ignore[reportOptionalSubscript]
    decoded(t)


def test_esc10_is_taken_from_esc50(esc50: Path):
    t = DATASETS["esc10"](esc50)
    assert (t.name, len(t), t.classes) == ("esc10", 20, ("dog", "rooster"))


def test_esc50_with_files_gone_counts_them(esc50: Path):
    (esc50 / "audio" / "1-100010-A-0.wav").unlink()
    t = open_audio(esc50)
    assert len(t) == 29
    assert "1 of 30 sounds of esc50.csv are not there, such as audio/1-100010-A-0.wav" in t.said[1]


@pytest.fixture
def urbansound8k(tmp_path: Path) -> Path:
    """Two classes in ten folds, mixed rates, depths and channels, two slices of each recording."""
    rows = []
    for fold in range(1, 11):
        for number, name in enumerate(("air_conditioner", "car_horn")):
            source = 1_000 * fold + number
            for place in range(2):
                file = f"{source}-{number}-0-{place}.wav"
                kind = {"rate": 96_000, "channels": 2, "subtype": "PCM_24"} if place else {"rate": 11_025}
                write(tmp_path / "audio" / f"fold{fold}" / file, **kind)  # pyright: ignore[reportArgumentType]
                rows.append([file, source, 0.0, 0.1, 1, fold, number, name])
    header = "slice_file_name,fsID,start,end,salience,fold,classID,class"
    table(tmp_path / "metadata" / "UrbanSound8K.csv", header, rows)
    return tmp_path


def test_urbansound8k_is_never_dealt_at_random(urbansound8k: Path):
    t = open_audio(urbansound8k)
    assert (t.name, len(t), t.classes) == ("urbansound8k", 40, ("air_conditioner", "car_horn"))
    plain = split(t)
    assert {i.split("/")[1] for i in t.ids[plain.test]} == {"fold10"}
    found = folds(t)
    assert [{i.split("/")[1] for i in t.ids[f.test]} for f in found] == [{f"fold{k}"} for k in range(1, 11)]
    assert t.group is not None
    for f in (plain, *found):
        sets = [set(t.group[rows]) for rows in (f.train, f.val, f.test)]
        assert not sets[0] & sets[1]
        assert not (sets[0] | sets[1]) & sets[2]
    assert any("means of --folds 10" in line for line in t.said)
    decoded(t)


WORDS = ("yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go")


@pytest.fixture
def speech(tmp_path: Path) -> Path:
    """The ten words and two others by ten speakers each; the 9th is for validation, the 10th for the test."""
    root = tmp_path / "speech_commands_v0.02"
    for word in (*WORDS, "bed", "zero"):
        for speaker in range(10):
            write(root / word / f"{speaker:08x}_nohash_0.wav")
        write(root / word / "00000000_nohash_1.wav")
    for noise in ("white_noise", "running_tap"):
        write(root / "_background_noise_" / f"{noise}.wav", 20.0)
    (root / "_background_noise_" / "README.md").write_text("noises", encoding="utf-8")
    for number, name in ((8, "validation_list.txt"), (9, "testing_list.txt")):
        lines = [f"{word}/{number:08x}_nohash_0.wav\n" for word in (*WORDS, "bed", "zero")]
        (root / name).write_text("".join(lines), encoding="utf-8")
    return root


def test_speech_commands_have_their_lists_and_speakers(speech: Path):
    t = open_audio(speech)
    assert (t.name, len(t), len(t.classes)) == ("speech-commands", 132, 12)
    assert Counter(parts(t).values()) == {"train": 108, "val": 12, "test": 12}
    assert parts(t)["bed/00000009_nohash_0.wav"] == "test"
    assert Counter(groups(t))["00000000"] == 24
    decoded(t)


def test_the_twelve_classes_have_silence_and_others_of_a_tenth_each(speech: Path):
    t = DATASETS["speech-commands-12"](speech)
    assert set(t.classes) == {*WORDS, "_silence_", "_unknown_"}
    held = Counter((parts(t)[i], c) for i, c in labels(t).items())
    assert [held[part, "yes"] for part in ("train", "val", "test")] == [9, 1, 1]
    for c in ("_silence_", "_unknown_"):
        assert [held[part, c] for part in ("train", "val", "test")] == [9, 1, 1]
    silence = [segment(i) for i, y in zip(t.items, t.target, strict=True) if t.classes[y] == "_silence_"]
    for piece in silence:
        assert piece.stop is not None
        assert piece.start is not None
        assert piece.stop - piece.start == pytest.approx(1.0)
    assert set(t.items) == set(DATASETS["speech-commands-12"](speech).items)  # the same in every run
    edges = {
        part: [segment(i) for i, p in zip(t.items, parts(t).values(), strict=True) if p == part]
        for part in ("train", "val", "test")
    }
    assert max(p.stop for p in edges["train"] if p.stop) <= 16 + 1e-6
    assert all(p.start >= 16 - 1e-6 and p.stop <= 18 + 1e-6 for p in edges["val"] if p.start and p.stop)
    assert all(p.start >= 18 - 1e-6 for p in edges["test"] if p.start)
    decoded(t)


def test_the_test_archive_beside_is_the_test_part(speech: Path):
    archive = speech.parent / "speech_commands_test_set_v0.02"
    for word in (*WORDS, "_silence_", "_unknown_"):
        for take in range(3):
            write(archive / word / f"0000000{take}_nohash_0.wav")
    t = DATASETS["speech-commands-12"](speech)
    tested = [i for i, part in parts(t).items() if part == "test"]
    assert len(tested) == 36
    assert all(i.startswith("speech_commands_test_set_v0.02/") for i in tested)
    assert {labels(t)[i] for i in tested} == set(t.classes)
    alone = open_audio(archive)
    assert set(alone.classes) == set(t.classes)


def fsd50k_rows(path: Path) -> Path:
    """Three clips for development, one for evaluation, several labels between commas in quotes."""
    truth = path / "FSD50K.ground_truth"
    rows = [[64760, "Electric_guitar,Music", "/m/02sgy,/m/04rlf", "train"], [16399, "Music", "/m/04rlf", "val"],
            [16401, "Bark,Electric_guitar", "/m/05tny_,/m/02sgy", "train"]]  # fmt: skip
    table(truth / "dev.csv", "fname,labels,mids,split", rows)
    table(truth / "eval.csv", "fname,labels,mids", [[37199, "Bark", "/m/05tny_"]])
    (truth / "vocabulary.csv").write_text("0,Music,/m/04rlf\n1,Bark,/m/05tny_\n2,Electric_guitar,/m/02sgy\n")
    for name, seconds in ((64760, 0.3), (16399, 3.0), (16401, 0.5)):
        write(path / "FSD50K.dev_audio" / f"{name}.wav", seconds)
    write(path / "FSD50K.eval_audio" / "37199.wav")
    return path


def test_fsd50k_without_its_sounds_for_evaluation_is_said(tmp_path: Path):
    fsd50k_rows(tmp_path)
    (tmp_path / "FSD50K.eval_audio" / "37199.wav").unlink()
    (tmp_path / "FSD50K.eval_audio").rmdir()
    t = open_audio(tmp_path)
    assert set(parts(t).values()) == {"train", "val"}
    assert "no FSD50K.eval_audio: no official test part" in t.said


def test_fsd50k_has_several_labels_and_official_parts(tmp_path: Path):
    t = open_audio(fsd50k_rows(tmp_path))
    assert (t.name, t.classes) == ("fsd50k", ("Music", "Bark", "Electric_guitar"))
    assert labels(t) == {
        "FSD50K.dev_audio/64760.wav": "Music|Electric_guitar", "FSD50K.dev_audio/16399.wav": "Music",
        "FSD50K.dev_audio/16401.wav": "Bark|Electric_guitar", "FSD50K.eval_audio/37199.wav": "Bark",
    }  # fmt: skip
    assert list(parts(t).values()) == ["train", "val", "train", "test"]
    decoded(t)


AUDIOSET = """# Segments csv created Sun Mar  5 10:54:31 2017
# num_ytids={n}, num_segs={n}, num_unique_labels=527, num_positive_labels=9
# YTID, start_seconds, end_seconds, positive_labels
"""


def audioset_rows(path: Path) -> Path:
    """IDs with - and _, files in three spellings, one of four not there."""
    names = ((0, "/m/09x0r", "Speech"), (1, "/m/05zppz", "Male speech, man speaking"), (2, "/m/04rlf", "Music"))
    table(path / "class_labels_indices.csv", "index,mid,display_name", names)
    train = [("--4gqARaEJE", "/m/04rlf"), ("Y_aB-cD_eF0", "/m/09x0r,/m/05zppz"), ("zzzzzzzzzzz", "/m/04rlf")]
    test = [("-0RWZT-miFs", "/m/09x0r")]
    for name, rows in (("balanced_train_segments", train), ("eval_segments", test)):
        lines = [f'{id_}, 30.000, 40.000, "{codes}"\n' for id_, codes in rows]
        (path / f"{name}.csv").write_text(AUDIOSET.format(n=len(rows)) + "".join(lines), encoding="utf-8")
    write(path / "audios" / "balanced_train_segments" / "Y--4gqARaEJE.wav")
    write(path / "audios" / "balanced_train_segments" / "Y_aB-cD_eF0_30.000_40.000.wav")
    write(path / "audios" / "eval_segments" / "-0RWZT-miFs.flac")
    return path


def test_audioset_finds_its_pieces_and_counts_those_gone(tmp_path: Path):
    t = open_audio(audioset_rows(tmp_path))
    assert (t.name, t.classes) == ("audioset", ("Speech", "Male speech, man speaking", "Music"))
    assert {Path(i).name: label for i, label in labels(t).items()} == {
        "Y--4gqARaEJE.wav": "Music", "Y_aB-cD_eF0_30.000_40.000.wav": "Speech|Male speech, man speaking",
        "-0RWZT-miFs.flac": "Speech",
    }  # fmt: skip
    assert list(parts(t).values()) == ["train", "train", "test"]
    assert "1 of 4 sounds of balanced_train_segments.csv are not there, such as zzzzzzzzzzz" in t.said[1]


IRMAS = ("cel", "cla", "flu", "gac", "gel", "org", "pia", "sax", "tru", "vio", "voi")


def irmas_files(path: Path) -> Path:
    """Three pieces of a recording for each instrument, and two test pieces with texts that end in tabs."""
    for code in IRMAS:
        for piece in range(1, 4):
            write(path / "IRMAS-TrainingData" / code / f"[{code}][cla]0001__{piece}.wav", channels=2)
        write(path / "IRMAS-TrainingData" / code / f"008__[{code}][nod][cla]0058__1.wav")
    for part, name, text in (
        ("Part1", "(02) dont kill the whale-1", "gel\t\nvoi\t\n"),
        ("Part2", "07 - Ahmad-3", "pia\n"),
    ):
        folder = path / f"IRMAS-TestingData-{part}" / part
        write(folder / f"{name}.wav", 0.5)
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return path


def test_irmas_trains_on_one_label_and_tests_on_several(tmp_path: Path):
    t = open_audio(irmas_files(tmp_path))
    assert (t.name, len(t), len(t.classes)) == ("irmas", 46, 11)
    found, part = labels(t), parts(t)
    assert {label.count("|") for i, label in found.items() if part[i] == "train"} == {0}
    assert [label for i, label in found.items() if part[i] == "test"] == ["electric guitar|voice", "piano"]
    assert set(Counter(groups(t)).values()) == {1, 3}
    decoded(t)


def openmic_files(path: Path, *, arrays: str = "plain") -> Path:
    """Four clips; of eight labels five are known. arrays: plain, pickled (as first released) or none."""
    keys = ["000046_3840", "000135_483840", "000178_3840", "001000_0"]
    true = np.array([[0.9, 0.5], [0.1, 0.5], [0.5, 0.8], [0.2, 0.5]])
    mask = np.array([[1, 0], [1, 0], [0, 1], [1, 1]], dtype=bool)
    for key in keys:
        write(path / "audio" / key[:3] / f"{key}.ogg")
    (path / "class-map.json").write_text('{"accordion": 0, "banjo": 1}', encoding="utf-8")
    if arrays != "none":
        kind = object if arrays == "pickled" else str
        x = np.zeros((4, 10, 128), np.uint8)
        np.savez(path / "openmic-2018.npz", X=x, Y_true=true, Y_mask=mask, sample_key=np.array(keys, dtype=kind))
    if arrays != "plain":
        rows = [[keys[n], ("accordion", "banjo")[k], true[n, k], 3] for n, k in np.argwhere(mask)]
        table(path / "openmic-2018-aggregated-labels.csv", "sample_key,instrument,relevance,num_responses", rows)
    (path / "partitions").mkdir()
    (path / "partitions" / "split01_train.csv").write_text("".join(f"{k}\n" for k in keys[:3]), encoding="utf-8")
    (path / "partitions" / "split01_test.csv").write_text(f"{keys[3]}\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("arrays", ["plain", "pickled", "none"])
def test_openmic_knows_what_was_asked_for(tmp_path: Path, arrays: str):
    t = open_audio(openmic_files(tmp_path, arrays=arrays))
    assert (t.name, t.classes) == ("openmic", ("accordion", "banjo"))
    assert t.truth.tolist() == [[1, -1], [0, -1], [-1, 1], [0, 1]]
    assert list(parts(t).values()) == ["train", "train", "train", "test"]
    assert "62.5 % of the labels are known" in t.said[0]
    assert t.take(np.array([2])).truth.tolist() == [[-1, 1]]
    assert t.with_classes(["banjo", "cello", "accordion"]).truth.tolist()[0] == [-1, 0, 1]
    decoded(t)


def test_openmics_pickled_arrays_are_not_unpickled(tmp_path: Path):
    openmic_files(tmp_path, arrays="pickled")
    (tmp_path / "openmic-2018-aggregated-labels.csv").unlink()
    with pytest.raises(DataError, match=r"openmic-2018\.npz: cannot be read without running .* put openmic-2018-aggr"):
        open_audio(tmp_path)


def nsynth_files(path: Path) -> Path:
    """Two notes of two instruments in each part."""
    for part, first in (("train", 0), ("valid", 10), ("test", 20)):
        folder, notes = path / f"nsynth-{part}", {}
        for number, family in enumerate(("bass", "reed")):
            for pitch in (40, 41):
                instrument = f"{family}_synthetic_{first + number:03d}"
                key = f"{instrument}-{pitch:03d}-127"
                notes[key] = {"instrument_str": instrument, "instrument_family_str": family, "pitch": pitch}
                write(folder / "audio" / f"{key}.wav")
        (folder / "examples.json").write_text(json.dumps(notes), encoding="utf-8")
    return path


def test_nsynth_has_families_and_keeps_instruments_together(tmp_path: Path):
    t = open_audio(nsynth_files(tmp_path))
    assert (t.name, len(t), t.classes) == ("nsynth", 12, ("bass", "reed"))
    assert Counter(parts(t).values()) == {"train": 4, "val": 4, "test": 4}
    assert set(Counter(groups(t)).values()) == {2}
    decoded(t)
    alone = open_audio(tmp_path / "nsynth-valid")
    assert (len(alone), alone.split) == (4, None)


def spoil(path: Path, old: str, new: str) -> None:
    """Replace what a text file holds."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


BAD: dict[str, tuple[Callable[[Path], Path], Callable[[Path], object], str]] = {
    "a label that the vocabulary lacks": (
        fsd50k_rows, lambda p: spoil(p / "FSD50K.ground_truth/eval.csv", "Bark", "Bork"),
        r"vocabulary\.csv: no label 'Bork'"),
    "a part that is none": (
        fsd50k_rows, lambda p: spoil(p / "FSD50K.ground_truth/dev.csv", "val", "vel"),
        r"dev\.csv: row 3: split is 'vel', neither train nor val"),
    "no sound of a list": (
        fsd50k_rows, lambda p: (p / "FSD50K.eval_audio" / "37199.wav").unlink(),
        r"eval\.csv: none of its files is in .*, such as FSD50K\.eval_audio/37199\.wav; unpack"),
    "a list without a column": (
        fsd50k_rows, lambda p: spoil(p / "FSD50K.ground_truth/dev.csv", "fname", "file"),
        r"dev\.csv: no column 'fname' among file, labels"),
    "a row cut short": (
        fsd50k_rows, lambda p: spoil(p / "FSD50K.ground_truth/dev.csv", ",/m/04rlf,val", ""),
        r"dev\.csv: row 3 has other cells than the header"),
    "a label without a name": (
        audioset_rows, lambda p: spoil(p / "class_labels_indices.csv", "/m/04rlf", "/m/xxxxx"),
        r"balanced_train_segments\.csv: row 4: label '/m/04rlf' is not in class_labels_indices\.csv"),
    "a damaged row of a list": (
        audioset_rows, lambda p: spoil(p / "eval_segments.csv", ', "/m/09x0r"', ""),
        r"eval_segments\.csv: row 4 is not `YTID, start, end, \"labels\"`"),
    "a test piece without its text": (
        irmas_files, lambda p: next((p / "IRMAS-TestingData-Part2").rglob("*.txt")).unlink(),
        r"07 - Ahmad-3\.wav: no 07 - Ahmad-3\.txt beside it"),
    "an instrument that is none": (
        irmas_files, lambda p: spoil(next((p / "IRMAS-TestingData-Part2").rglob("*.txt")), "pia", "piano"),
        r"07 - Ahmad-3\.txt: 'piano' is none of cel, cla"),
    "class numbers with a gap": (
        openmic_files, lambda p: spoil(p / "class-map.json", "1", "2"), r"class-map\.json: its numbers are not 0 to 1"),
    "classes that are no object": (
        openmic_files, lambda p: (p / "class-map.json").write_text("[1]"), r"class-map\.json: not an object of instr"),
    "arrays of another size": (
        openmic_files, lambda p: (p / "class-map.json").write_text('{"accordion": 0}'),
        r"openmic-2018\.npz: Y_true is \(4, 2\), not \(4, 1\)"),
    "an instrument that the classes lack": (
        lambda p: openmic_files(p, arrays="none"),
        lambda p: spoil(p / "openmic-2018-aggregated-labels.csv", "accordion", "ukulele"),
        r"aggregated-labels\.csv: row 2: no instrument 'ukulele' in class-map\.json"),
    "notes that are no JSON": (
        nsynth_files, lambda p: (p / "nsynth-test" / "examples.json").write_text("{"),
        r"nsynth-test/examples\.json: not valid JSON"),
    "a note without its family": (
        nsynth_files, lambda p: spoil(p / "nsynth-test" / "examples.json", "instrument_family_str", "family"),
        r"examples\.json: note 'bass_synthetic_020-040-127' has no instrument_family_str and instrument_str"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_damaged_trees_are_named(name: str, tmp_path: Path):
    make, damage, says = BAD[name]
    damage(make(tmp_path))
    with pytest.raises(DataError, match=says):
        open_audio(tmp_path)


def test_damaged_speech_commands_are_named(speech: Path):
    (speech / "_background_noise_" / "white_noise.wav").unlink()
    (speech / "_background_noise_" / "running_tap.wav").unlink()
    with pytest.raises(DataError, match="no sounds in _background_noise_, from which silence is cut"):
        DATASETS["speech-commands-12"](speech)
    (speech.parent / "speech_commands_test_set_v0.02" / "yes").mkdir(parents=True)
    write(speech / "_background_noise_" / "hum.wav", 5.0)
    with pytest.raises(DataError, match="not the twelve folders of the test archive, '_silence_' differs"):
        DATASETS["speech-commands-12"](speech)
    (speech / "bed" / "00000009_nohash_0.wav").unlink()
    with pytest.raises(
        DataError, match=r"1 of 24 files of its lists are not there, such as bed/00000009_nohash_0\.wav"
    ):
        open_audio(speech)


def test_a_fold_that_is_no_number_is_named(esc50: Path):
    spoil(esc50 / "meta" / "esc50.csv", "1-100010-A-0.wav,1", "1-100010-A-0.wav,one")
    with pytest.raises(DataError, match=r"esc50\.csv: row 2: fold is 'one', no whole number"):
        open_audio(esc50)

"""The recipes of sounds and series, on a few real samples or made ones."""

import csv
import re
import runpy
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1] / "recipes"


def links(files: list[Path], source: Path, folder: Path) -> Path:
    """A folder of some files of a real set."""
    assert files
    for file in files:
        place = folder / file.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(file)
    return folder


@pytest.fixture
def few_clips(shared_data: Callable[[str], Path], tmp_path: Path) -> Path:
    """ESC-10 with the first takes of odd number of two classes, five folds."""
    source = shared_data("esc10")
    return links([*source.glob("001*/*[13579]-A.ogg"), *source.glob("002*/*[13579]-A.ogg")], source, tmp_path / "esc10")


@pytest.fixture
def few_digits(shared_data: Callable[[str], Path], tmp_path: Path) -> Path:
    """FSDD with 2 recordings of each of four digits and of each speaker, one of them of the test part."""
    source = shared_data("fsdd")
    return links([*source.glob("recordings/[0-3]_*_[45].wav")], source, tmp_path / "fsdd")


def test_esc10_runs_all_folds(few_clips, tmp_path, recipe):
    told = recipe("audio/esc10.py", few_clips, "--epochs", "1", "--out", tmp_path / "runs")
    assert re.search(r"\| 0 \|( \d+\.\d \+- \d+\.\d % \|){3} 17\d,\d{3} \|( \d+ \|){2}", told)
    assert len(list((tmp_path / "runs" / "seed-0").glob("fold-*"))) == 5


def test_keywords_are_placed_and_looked_for(few_digits, tmp_path, recipe):
    for number in (4, 5):  # a take of each part
        for file in [*few_digits.glob(f"recordings/*_{number}.wav")]:
            other = file.with_name(file.name.replace(f"_{number}.wav", f"_{10 * number}.wav"))
            other.symlink_to(file.resolve())
    told = recipe(
        "audio/keywords.py", few_digits, "--work", tmp_path / "work", "--out", tmp_path / "run", "--epochs", "1"
    )
    assert re.search(r"^\| val \| 24 in \d\.\d min \| \d", told, re.MULTILINE)
    assert re.search(r"^\| test \| 24 in \d\.\d min \| \d", told, re.MULTILINE)


def test_soundscapes_are_made_and_searched(shared_data, tmp_path, recipe):
    source = shared_data("esc10")
    clips = links([*source.glob("001*/*-A.ogg"), *source.glob("009*/*-A.ogg")], source, tmp_path / "esc10")
    told = recipe("audio/soundscapes.py", clips, "--out", tmp_path / "work", "--scenes", "0.03", "--epochs", "1")
    assert "validation psds1" in told
    assert re.search(r"test f1_event_200ms +\d\.\d{4}", told)
    parts = [line.rsplit(",", 1)[1] for line in (tmp_path / "work/scenes/scenes.csv").read_text().splitlines()]
    assert {*parts} == {"split", "train", "val", "test"}


def test_fsdd_runs_on_the_official_split_and_on_unheard_speakers(few_digits, tmp_path, recipe):
    told = recipe("audio/fsdd.py", few_digits, "--epochs", "1", "--seeds", "1", "--out", tmp_path / "official")
    assert "| official, 1 seeds |" in told
    told = recipe("audio/fsdd.py", few_digits, "--epochs", "1", "--speakers", "--out", tmp_path / "speakers")
    assert re.search(r"\| 6 unheard speakers, seed 0 \|( \d+\.\d\d \+- \d+\.\d\d % \|){2}", told)


@pytest.mark.parametrize(("script", "name"), [("basic_motions", "BasicMotions"), ("japanese_vowels", "JapaneseVowels")])
def test_series_are_learnt_on_their_official_split(script, name, tmp_path, recipe):
    random = np.random.default_rng(0)
    for part in ("TRAIN", "TEST"):
        rows = [",".join(map(str, random.normal(n % 2, 1, 9))) + f":{n % 2}" for n in range(24)]
        (tmp_path / f"{name}_{part}.ts").write_text("@classLabel true 0 1\n@data\n" + "\n".join(rows))
    told = recipe(f"audio/{script}.py", tmp_path, "--epochs", "1", "--seeds", "2", "--out", tmp_path / "runs")
    assert re.search(rf"\| {name}, 2 seeds \|( \d+\.\d\d \+- \d+\.\d\d % \|){{2}} \d+ \| \d+ \|", told)


@pytest.fixture
def kits(tmp_path: Path) -> Path:
    """Six kits of two hits each of two drums and of two other things, described in the two ways."""
    import soundfile

    random = np.random.default_rng(0)
    for kit in range(6):
        folder = tmp_path / "kits" / f"kit {kit}"
        folder.mkdir(parents=True)
        parts = ""
        for name in ("Kick 1", "Hi-Hat Closed", "Whistle", "Snare Rimshot"):
            for take in range(2):
                file = f"{name} {take}.wav"
                soundfile.write(folder / file, 0.1 * random.standard_normal(4_000), 16_000)
                layer = f"<layer><filename>{file}</filename></layer>" if kit % 2 else f"<filename>{file}</filename>"
                parts += f"<instrument><name>{name}</name>{layer}</instrument>"
        space = ' xmlns="http://www.hydrogen-music.org/drumkit"' if kit % 2 else ""
        (folder / "drumkit.xml").write_text(f"<drumkit_info{space}><name>k</name>{parts}</drumkit_info>")
    return tmp_path / "kits"


def test_drums_hold_out_whole_kits(kits, tmp_path, recipe):
    told = recipe("audio/drums.py", kits, "--epochs", "1", "--out", tmp_path / "runs")
    assert re.search(r"\| 24 \| 6 \|( \d+\.\d \+- \d+\.\d % \|){3}( \d+ \|){2}", told)
    for split in sorted((tmp_path / "runs").glob("runs/fold-*/splits.csv")):
        parts: dict[str, set[str]] = {}
        for row in csv.DictReader(split.read_text(encoding="utf-8").splitlines()):
            parts.setdefault(row["group"], set()).add(row["split"])
        assert all(len(found) == 1 for found in parts.values())


@pytest.mark.parametrize(
    ("name", "label"),
    [("Hi-Hat Open", "hat"), ("tomhi2", "tom"), ("BassDrum", "kick"), ("Ride Bell", None), ("c#4 - crash", "cymbal")],
)
def test_what_kits_call_their_drums(name, label):
    assert runpy.run_path(str(ROOT / "audio/drums.py"))["label_of"](name) == label


def test_transfer_from_yamnet_measures_all_folds(few_clips, tmp_path, recipe):
    from safetensors.torch import save_file

    from multicnn.zoo import classifier, yamnet

    save_file(classifier(yamnet(2, 1), 521).state_dict(), tmp_path / "weights.safetensors")
    told = recipe("audio/transfer_yamnet.py", few_clips, tmp_path / "weights.safetensors")
    assert re.search(r"\| (\d+\.\d, ){4}\d+\.\d \| \d+\.\d \+- \d+\.\d % \|", told)


def font_of(presets: list[tuple[int, int, list[int]]], samples: int) -> dict[str, np.ndarray]:
    """The tables of a SoundFont: presets of (number, bank, samples), each by an instrument of its own."""
    sf2 = runpy.run_path(str(ROOT.parent / "assets/make_instruments.py"))
    font = {name: np.zeros(0, sf2["TYPES"].get(name, sf2["SAMPLE"])) for name in (*sf2["TYPES"], "shdr")}
    n = len(presets)
    font["phdr"] = np.zeros(n + 1, sf2["HEADER"])
    font["inst"] = np.zeros(n + 1, sf2["INSTRUMENT"])
    font["pbag"], font["pgen"] = np.zeros(n + 1, sf2["BAG"]), np.zeros(n, sf2["GENERATOR"])
    total = sum(len(used) for *_, used in presets)
    font["ibag"], font["igen"] = np.zeros(n + 1, sf2["BAG"]), np.zeros(total, sf2["GENERATOR"])
    done = 0
    for row, (number, bank, used) in enumerate(presets):
        font["phdr"][row]["number"], font["phdr"][row]["bank"], font["phdr"][row]["bag"] = number, bank, row
        font["pbag"][row]["generator"], font["pgen"][row] = row, (sf2["IS_INSTRUMENT"], row)
        font["inst"][row]["bag"], font["ibag"][row]["generator"] = row, done
        for sample in used:
            font["igen"][done] = (sf2["IS_SAMPLE"], sample)
            done += 1
    for table, last in (("phdr", n), ("inst", n)):
        font[table][n]["bag"] = last
    font["pbag"][n]["generator"], font["ibag"][n]["generator"] = n, done
    font["shdr"] = np.zeros(samples, sf2["SAMPLE"])
    return font


def test_a_recording_has_the_family_of_the_presets_that_use_it():
    script = runpy.run_path(str(ROOT / "audio/instruments.py"))
    font = font_of([(0, 0, [0, 1]), (40, 0, [1, 2]), (88, 0, [3]), (0, 128, [4]), (41, 0, [2])], 5)
    assert script["families"](font, script["reader"]()) == {0: "piano", 2: "strings", 4: "drums"}


def test_a_short_recording_goes_on_with_its_loop():
    script = runpy.run_path(str(ROOT / "audio/instruments.py"))
    font = font_of([], 1)
    wave = 10_000 * np.sin(2 * np.pi * np.arange(400) / 40)
    font["smpl"] = wave.astype(np.int16)
    entry = font["shdr"][0]
    entry["start"], entry["end"], entry["rate"], entry["loop"] = 0, 400, 16_000, (200, 400)
    sound = script["cut"](font, 0)
    assert len(sound) == 8_000
    peaks = np.abs(np.fft.rfft(sound[:4_000])).argmax() * 16_000 / 4_000
    assert peaks == 400


def test_connected_digits(recipe, shared_data, tmp_path):
    """Strings of one speaker each, no recording in two parts, and both ways to decode."""
    data = shared_data("fsdd")
    out = tmp_path / "run"
    said = recipe(
        "audio/connected_digits.py", data, "--strings", "24,8,8", "--epochs", "1", "--out", out, "--speaker", "theo"
    )
    assert [line.split("|")[1].strip() for line in said.splitlines()] == [
        "decoding", "---", "likeliest path", "ten words",
    ]  # fmt: skip
    assert (out / "evaluation" / "test-set.json").exists()


def test_prompts_asr(recipe, tmp_path):
    """Prompts with their texts as Debian packs them: digits are spelled, tones and numbers left out."""
    import gzip

    import soundfile

    sounds = tmp_path / "en_US_f_Nobody"
    (sounds / "digits").mkdir(parents=True)
    texts = {
        f"say{n}": f"Press {n % 10} for {word}."
        for n, word in enumerate(["a", "new", "old", "long", "red", "tall", "big"] * 3)
    }
    texts |= {"beep": "[this is a tone]", "room": "Dial 500.", "digits/1": "one", "gone": "Not there."}
    random = np.random.default_rng(0)
    for name in texts:
        if name != "gone":
            soundfile.write(sounds / f"{name}.wav", random.normal(size=16_000) * 0.1, 8_000)
    with gzip.open(tmp_path / "texts.gz", "wt", encoding="utf-8") as file:
        file.write("; Prompts\n" + "".join(f"{name}: {text}\n" for name, text in texts.items()))
    out = tmp_path / "runs"
    said = recipe("audio/prompts_asr.py", sounds, tmp_path / "texts.gz", "--epochs", "1", "--out", out)
    ways = [line.split("|")[2].strip() for line in said.splitlines()[2:]]
    assert ways == ["likeliest path", "words", "words and bigrams"]
    splits = (out / "seed-0" / "splits.csv").read_text()
    assert splits.count("say") == 21
    assert "beep" not in splits
    assert "room" not in splits


def test_bigrams_are_probabilities():
    """Of every word that follows another, the model's probabilities sum to 1 with those it backs off to."""
    from multicnn.tasks.arpa import read_arpa

    made = runpy.run_path(str(ROOT / "audio" / "prompts_asr.py"))["bigrams"](["a b a", "b a", "a"])
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.arpa"
        path.write_text(made)
        grams = read_arpa(path, small=True)
    for before in ((), ("a",), ("b",)):
        known = sum(np.exp(grams.word(before, word)) for word in ("a", "b", "</s>"))
        total = known + 10_000 * np.exp(grams.word(before, "<unk>"))  # so many words are taken to be unknown
        assert total == pytest.approx(1, abs=1e-4)

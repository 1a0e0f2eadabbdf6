"""Recipes are lab notes that run: on a few real samples here, on whole sets by hand."""

import ast
import csv
import os
import re
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1] / "recipes"
SCRIPTS = sorted(p.relative_to(ROOT).as_posix() for p in ROOT.rglob("*.py"))
HEAVY = ("torch", "numpy", "sklearn", "torchvision", "librosa", "PIL", "multicnn.image", "multicnn.audio")
HELP = f"""
import os, runpy, sys
sys.argv = [sys.argv[1], "--help"]
sys.path.insert(0, os.path.dirname(sys.argv[0]))  # as `python SCRIPT` does
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
except SystemExit as end:
    assert not end.code, end.code
heavy = [name for name in {HEAVY!r} if name in sys.modules]
assert not heavy, heavy
"""


def python(*arguments: str | Path) -> str:
    """What a new process prints, with one thread."""
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, env=environment, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def recipe(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Runs a script in this process, which has imported torch; returns what it prints."""

    def run(script: str, *arguments: str | Path) -> str:
        monkeypatch.setattr(sys, "argv", [str(ROOT / script), *map(str, arguments)])
        runpy.run_path(sys.argv[0], run_name="__main__")
        return capsys.readouterr().out

    return run


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


@pytest.fixture
def few_reviews(shared_data: Callable[[str], Path], tmp_path: Path) -> Path:
    """MR with 60 sentences of each class."""
    folder = tmp_path / "mr"
    folder.mkdir()
    for name in ("rt-polarity.pos", "rt-polarity.neg"):
        lines = (shared_data("mr") / name).read_bytes().splitlines(keepends=True)
        (folder / name).write_bytes(b"".join(lines[:60]))
    return folder


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_recipe_says_what_it_shows_how_to_run_it_and_on_what_it_was_measured(script: str):
    note = ast.get_docstring(ast.parse((ROOT / script).read_text())) or ""
    assert f"\n    python recipes/{script}" in note
    assert re.search(r"^Measured on .+", note, re.M)


@pytest.mark.parametrize("script", SCRIPTS)
def test_help_is_the_note_and_imports_nothing_heavy(script: str):
    note = ast.get_docstring(ast.parse((ROOT / script).read_text())) or ""
    assert note.splitlines()[0] in python("-c", HELP, ROOT / script)


def test_the_list_of_recipes_is_whole():
    listed = re.findall(r"^\| \[(.+?)\]\((.+?)\)", (ROOT / "README.md").read_text(), re.M)
    assert sorted(name for name, _ in listed) == SCRIPTS
    assert all(name == link for name, link in listed)


def test_fashion_mnist_tells_the_spread_over_the_seeds(tmp_path, recipe):
    few = ["--seeds", "2", "--epochs", "1", "--limit", "100"]
    told = recipe("image/fashion_mnist.py", "digits", *few, "--out", tmp_path / "runs")
    assert re.search(r"accuracy \d+\.\d+ \+- \d+\.\d+ % over 2 seeds", told)
    assert (tmp_path / "runs" / "seed-1" / "model.json").exists()


def test_the_speed_recipe_has_a_line_for_each_change(tmp_path, recipe):
    few = ["--changes", "the whole recipe", "no whitening", "SGD", "--epochs", "1", "--limit", "100"]
    told = recipe("image/speed_small.py", "digits", *few, "--out", tmp_path / "runs")
    rows = re.findall(r"^\| ([\w ]+) \| 0 \| ([\d,]+) \| \d+\.\d\d % \|", told, re.M)
    assert rows == [("the whole recipe", "227,484"), ("no whitening", "222,570"), ("SGD", "227,484")]


def test_the_best_of_fashion_mnist_stay_below_their_sizes(tmp_path, recipe):
    few = ["--seeds", "2", "--epochs", "1", "--limit", "100"]
    told = recipe("image/fashion_mnist_best.py", "digits", *few, "--out", tmp_path / "runs")
    rows = re.findall(r"^\| (\w+) \| (\d+|all) \| ([\d,]*) ?\|", told, re.M)
    assert [row[:2] for row in rows] == [(n, s) for n in ("small", "large") for s in ("0", "1", "all")]
    small, large = (int(rows[place][2].replace(",", "")) for place in (0, 3))
    assert small < 100_000
    assert large < 800_000


def test_the_lecture_table_has_a_row_for_each_network(digit_folder, tmp_path, recipe):
    told = recipe("image/lecture_table.py", digit_folder, "--epochs", "1", "--out", tmp_path / "runs")
    rows = [line.strip("| ").split(" | ") for line in told.splitlines()[2:]]
    counts = {name: int(parameters.replace(",", "")) for name, parameters, *_ in rows}
    assert list(counts) == ["fcnn1", "fcnn2", "fcnn3", "cnn1", "cnn2", "resnet18", "resnet50"]
    assert counts["fcnn1"] == (8 * 8 + 1) * 128 + (128 + 1) * 3
    assert counts["resnet18"] == 11_689_512 - 2 * 64 * 7 * 7 - (512 + 1) * (1000 - 3)  # grey, and three classes


def test_plain_and_residual_networks_are_compared(digit_folder, tmp_path, recipe):
    few = ["--networks", "cifar_plain20", "cifar_resnet20", "--epochs", "1"]
    told = recipe("image/degradation.py", digit_folder, *few, "--out", tmp_path / "runs")
    rows = [line.strip("| ").split(" | ") for line in told.splitlines()[2:]]
    assert [row[0] for row in rows] == ["cifar_plain20", "cifar_resnet20"]
    assert rows[0][1] == rows[1][1] == f"{269_722 - 2 * 16 * 9 - 65 * (10 - 3):,}"  # grey, and three classes


def test_principles_count_the_weights_they_save(digit_folder, tmp_path, recipe):
    told = recipe("image/principles.py", digit_folder, "--epochs", "1", "--out", tmp_path / "runs")
    rows = [line.strip("| ").split(" | ") for line in told.splitlines()[2:]]
    counts = {name: int(parameters.replace(",", "")) for name, parameters, *_ in rows}
    pairs = [(1, 32), (32, 64), (64, 128)]
    norms, head = 2 * (32 + 64 + 128), (128 + 1) * 3
    assert counts["one 5x5"] == sum(25 * a * b for a, b in pairs) + norms + head
    assert counts["two 3x3"] == sum(9 * b * (a + b) for a, b in pairs) + 2 * norms + head


def test_road_signs_compare_clean_and_distorted_pictures(tmp_path, recipe):
    few = ["--seeds", "2", "--epochs", "1", "--limit", "100", "--test", "20"]
    told = recipe("image/road_signs.py", "digits", *few, "--out", tmp_path / "runs")
    number = r" -?\d+\.\d \+- \d+\.\d"
    assert re.findall(rf"^\| (\w+) \|{number} % \|{number} % \|{number} \|$", told, re.M) == ["clean", "distorted"]
    assert {p.name for p in (tmp_path / "runs").iterdir()} == {"with-0", "with-1", "without-0", "without-1"}


def test_brain_tissue_is_told_in_slabs_of_one_volume(tmp_path, recipe):
    """A ball of white matter in a shell of grey, under the names of the real files."""
    nibabel = pytest.importorskip("nibabel")
    distance = np.linalg.norm(np.mgrid[0:32, 0:32, 0:64] - np.array([16, 16, 32]).reshape(3, 1, 1, 1), axis=0)
    grey, white = (distance >= 10) & (distance < 31), distance < 10
    for name, voxels in (("t1", 160 * grey + 210 * white), ("gm", 255 * grey), ("wm", 255 * white)):
        file = tmp_path / f"mni_icbm152_{name}_tal_nlin_sym_09a_converted.nii.gz"
        nibabel.save(nibabel.Nifti1Image(voxels.astype(np.uint8), np.eye(4)), file)
    told = recipe("image/mri_tissue.py", tmp_path, "--epochs", "1")
    assert re.findall(r"^\| (.+) \| \d\.\d{4} \|$", told, re.M) == ["rest", "grey matter", "white matter", "mean"]


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


def test_mr_runs_all_folds(few_reviews, tmp_path, recipe):
    told = recipe("text/mr.py", few_reviews, "--epochs", "1", "--out", tmp_path / "runs")
    assert re.search(r"\| 0 \|( \d+\.\d \+- \d+\.\d % \|){3} \d+ \|", told)
    assert len(list((tmp_path / "runs" / "seed-0").glob("fold-*"))) == 10


def test_throughput_compares_all_loops(shared_data):
    told = python(ROOT / "bench/throughput.py", shared_data("fashion-mnist"), "--turns", "1", "--limit", "512")
    assert len(re.findall(r"^\| ours .+ / .+ \| \d+\.\d\d \|$", told, re.M)) == 7


def test_the_jpeg_folder_is_loaded_both_ways():
    told = python(ROOT / "bench/jpeg_folder.py", "--count", "40", "--sizes", "32", "--epochs", "1")
    loaders = re.findall(r"^\| 32 x 32 \| (.+) \| [\d,]+ \|$", told, re.M)
    assert loaders == ["ours, decode", "ours, batches", "ours, normalised", "ours, augmented", "torchvision"]


def test_jpegs_are_decoded_in_four_pipelines():
    told = python(ROOT / "bench/jpeg_pipeline.py", "--count", "10", "--turns", "1", "--epochs", "2")
    named = re.findall(r"^\| (.+) \| [\d,]+ \|$", told, re.M)
    assert named == ["ours", "torchvision v1", "torchvision v2", "torchvision v2, its decoder"]
    assert "resident memory of ours over 2 epochs" in told


def test_startup_is_measured():
    assert re.search(
        r"first step less data / import torch: \d+\.\d\d", python(ROOT / "bench/startup.py", "--turns", "1")
    )


def test_a_killed_run_is_resumed_to_the_same_weights():
    assert "1 of 1 equal (seed 3)" in python(ROOT / "bench/resume.py", "--kills", "1", "--epochs", "2", "--seed", "3")


def test_memory_is_weighed_after_each_epoch(recipe):
    told = recipe("bench/memory.py", "image", "--epochs", "3", "--limit", "100")
    assert len(re.findall(r"^\| \d+ \| \d+\.\d \|$", told, re.M)) == 3


def test_networks_are_exported_for_other_batches_and_sizes():
    told = python(ROOT / "bench/export.py", "lenet5", "ngramcnn")
    assert re.findall(r"^\| (\w+) \| [\d,]+ \| (\S+) \| (\S+) \| \d+ \|$", told, re.M) == [
        ("lenet5", "equal", "fixed"),
        ("ngramcnn", "equal", "equal"),
    ]


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


def test_front_ends_of_sounds_are_measured_beside_two_others():
    told = python(ROOT / "bench/frontend.py", "--turns", "1", "--batch", "2")
    rows = re.findall(r"^\| .+ bands \| (log-mel|MFCC) \|(?: [\d.]+ \|){4} (\S+) \|$", told, re.M)
    assert [what for what, _ in rows] == ["log-mel", "MFCC"] * 6
    assert all(float(difference) < 3e-6 for _, difference in rows)


def test_loading_sounds_is_measured_with_its_padding(recipe):
    told = recipe("bench/loader.py", "--count", "40", "--epochs", "1")
    rows = re.findall(r"^\| (.+) \| [\d.]+ \| ([\d.]+)% \|$", told, re.M)
    assert [name.split()[0] for name, _ in rows] == ["windows", "whole,"]
    assert float(rows[1][1]) < 5

"""Recipes are lab notes that run: on a few real samples here, on whole sets by hand."""

import ast
import json
import os
import re
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
def few_reviews(shared_data: Callable[[str], Path], tmp_path: Path) -> Path:
    """MR with 60 sentences of each class."""
    folder = tmp_path / "mr"
    folder.mkdir()
    for name in ("rt-polarity.pos", "rt-polarity.neg"):
        lines = (shared_data("mr") / name).read_bytes().splitlines(keepends=True)
        (folder / name).write_bytes(b"".join(lines[:60]))
    return folder


@pytest.fixture
def few_sst2(shared_data: Callable[[str], Path], tmp_path: Path) -> Path:
    """SST-2 with 60 sentences of each part."""
    folder = tmp_path / "sst2"
    folder.mkdir()
    for name in ("train", "dev", "test"):
        lines = (shared_data("sst2") / f"stsa.binary.{name}").read_bytes().splitlines(keepends=True)
        (folder / f"stsa.binary.{name}").write_bytes(b"".join(lines[:60]))
    return folder


@pytest.fixture
def few_vectors(tmp_path: Path) -> Path:
    path = tmp_path / "few.vec"
    path.write_text("3 2\nthe 0.1 0.2\ngood 0.5 0.5\nbad -0.5 -0.5\n")
    return path


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


def test_calibration_is_told_for_each_seed_and_where_it_does_not_help(tmp_path, recipe):
    few = ["--epochs", "1", "--limit", "200", "--seeds", "1", "--abstain", "0.1"]
    told = recipe("calibration.py", "image:digits", "text:reviews", *few, "--out", tmp_path / "runs")
    number = r"\d\.\d{4}"
    rows = re.findall(rf"^\| (\w+) \| 0 \| [\d.]+ % \| ([\d.]+) \| ({number}) \| ({number}) \| {number} to", told, re.M)
    assert [row[0] for row in rows] == ["digits", "reviews"]
    worse = [row[0] for row in rows if float(row[3]) >= float(row[2])]
    assert ("the error did not fall: nowhere" in told) == (not worse)
    assert all(f"{name} (seed 0" in told for name in worse)


def test_half_of_the_data_foretell_all(tmp_path, recipe):
    few = ["--curve", "--epochs", "1", "--seeds", "1", "--limit", "300", "--out", tmp_path / "runs"]
    told = recipe("calibration.py", "text:reviews", *few)
    assert re.search(
        r"^\| reviews \| 300 \| f1_macro \| 0\.\d{4} \| \d\.\d{4} \| \d\.\d{4} to \d\.\d{4} \|", told, re.M
    )


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


def test_advice_is_broken_and_followed(recipe):
    told = recipe("principles.py", "--rule", "window-words", "--seeds", "2", "--epochs", "1")
    number = r" -?\+?\d\.\d{4} \|"
    assert re.search(rf"^\| window-words \|{number * 4} 2 \| \d+ \|$", told, re.M)


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


@pytest.mark.parametrize("network", ["default", "rand"])
def test_mr_runs_all_folds(few_reviews, tmp_path, recipe, network):
    told = recipe("text/mr.py", few_reviews, "--network", network, "--epochs", "1", "--out", tmp_path / "runs")
    assert re.search(r"\| 0 \|( \d+\.\d \+- \d+\.\d % \|){3} \d+ \| \d+ \|", told)
    assert len(list((tmp_path / "runs" / "seed-0").glob("fold-*"))) == 10


def test_sst2_tells_each_seed(few_sst2, few_vectors, tmp_path, recipe):
    few = ["--vectors", few_vectors, "--seeds", "2", "--epochs", "1", "--out", tmp_path / "runs"]
    told = recipe("text/sst2.py", few_sst2, *few)
    assert (
        len(re.findall(r"^\| [01] \| \d+\.\d\d % \| \d+\.\d\d % to \d+\.\d\d % \| \d+\.\d\d % \| \d+ \|$", told, re.M))
        == 2
    )
    assert re.search(r"accuracy \d+\.\d\d \+- \d+\.\d\d % over 2 seeds", told)


def test_own_vectors_are_compared_with_none(few_sst2, tmp_path, recipe):
    told = recipe("text/embed_train.py", few_sst2, "--epochs", "1", "--dim", "8", "--out", tmp_path / "runs")
    rows = re.findall(r"^\| ([\w ]+) \| \d+\.\d\d % \| \d+\.\d\d to \d+\.\d\d % \| \d+ \|$", told, re.M)
    assert rows == ["learnt with the task", "begun at the vectors", "held at the vectors"]
    kept = [json.loads((tmp_path / "runs" / r.replace(" ", "-") / "model.json").read_text())["settings"] for r in rows]
    assert [k["frontend"].get("mode") for k in kept] == [None, "nonstatic", "static"]


def test_opening_vectors_is_measured_beside_gensim():
    told = python(ROOT / "bench/vectors.py", "--words", "300", "--dim", "8", "--wanted", "100")
    rows = re.findall(r"^\| (\w+) \| \d+ \| ([\w, ]+) \| [\d.]+ \| [\d.]+ \| [\d,]+ \| [\d.]+ \|$", told, re.M)
    readers = ("ours, first", "ours, again", "gensim")
    assert rows == [(layout, r) for layout in ("text", "binary", "fasttext") for r in readers]


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


def test_a_plan_is_told_apart_from_the_training_it_is_compared_with(recipe):
    told = recipe("bench/plan.py", "--only", "0", "--alone", "plan")
    assert {"rise", "epoch", "epoch_processor"} == json.loads(told).keys()


def test_networks_are_exported_for_other_batches_and_sizes():
    told = python(ROOT / "bench/export.py", "lenet5", "ngramcnn")
    assert re.findall(r"^\| (\w+) \| [\d,]+ \| (\S+) \| (\S+) \| \d+ \|$", told, re.M) == [
        ("lenet5", "equal", "fixed"),
        ("ngramcnn", "equal", "equal"),
    ]


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


def test_the_textcnn_bench_compares_three_ways(few_reviews):
    told = python(ROOT / "bench/textcnn.py", few_reviews, "--turns", "1", "--batches", "1")
    assert len(re.findall(r"^\| ours \| [\d,]+ \| \d+\.\d \| 1\.0 x \|", told, re.M)) == 2
    assert re.search(r"largest difference \d\.\de-0[6-9]; two threads [\d,]+ words/s", told)
    assert re.search(r"numericalisation: [\d,]+ words a CPU-second", told)

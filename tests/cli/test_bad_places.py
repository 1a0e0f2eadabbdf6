"""Places that cannot be written, full disks, damaged caches, two runs at once."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from multicnn.cli.main import run

ROOT = Path(__file__).resolve().parents[2]


def cut(path: Path, keep: float) -> None:
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])


def test_a_file_in_the_place_of_a_folder_is_named(pictures, quick, refuses, tmp_path):
    (tmp_path / "file").write_text("x")
    says = r"cannot write to file/run: Not a directory; choose another folder with --out"
    refuses("image", "train", pictures, *quick, "--out", "file/run", code=3, says=says)


def test_a_folder_that_cannot_be_written_is_named(pictures, quick, refuses):
    says = r"cannot write to /proc/run: .*; choose another folder with --out"
    refuses("image", "train", pictures, *quick, "--out", "/proc/run", code=3, says=says)


def test_answers_that_cannot_be_written_are_said(image_run, pictures, refuses):
    says = r"cannot write /proc/answers\.csv: .*; free some space or choose another --out"
    refuses("predict", image_run, pictures, "--out", "/proc/answers.csv", code=3, says=says)


def test_a_cache_that_cannot_be_written_is_named(pictures, quick, refuses, monkeypatch):
    monkeypatch.setenv("MULTICNN_CACHE", "/proc/cache")
    says = r"cannot write to the cache folder /proc/cache: .*; free some space .*or set MULTICNN_CACHE"
    refuses("image", "train", pictures, *quick, "--out", "run", code=3, says=says)


DAMAGES = {"meta.json": 0.5, "values.bin": 0.5, "hashes.npy": 0.1}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_cache_is_built_anew(name, pictures, quick, works, tmp_path):
    works("image", "train", pictures, *quick, "--out", tmp_path / "a")
    (path,) = (tmp_path / "cache/stores").glob(f"*/{name}")
    cut(path, DAMAGES[name])
    works("image", "train", pictures, *quick, "--out", tmp_path / "b")
    one, other = ((tmp_path / r / "weights/best.safetensors").read_bytes() for r in "ab")
    assert one == other


LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
from multicnn.cli.main import run
sys.exit(run(sys.argv[2:], debug=False))
"""


def outcome(done: subprocess.CompletedProcess[str]) -> tuple[int, list[str]]:
    return done.returncode, [line for line in done.stderr.splitlines() if not line.startswith("warning:")]


@pytest.mark.parametrize(
    ("limit", "says"),
    [
        (1_000, r"cannot write to the cache folder .*: File too large; free some space"),
        (20_000, r"cannot write .*safetensors: "),
    ],
)
def test_a_file_that_may_not_grow_is_said(limit, says, pictures, quick, tmp_path):
    """At 1 kB the decoded pictures do not fit, at 20 kB the weights do not."""
    arguments = ["image", "train", str(pictures), *quick, "--out", str(tmp_path / "run")]
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(limit), *arguments], capture_output=True, text=True, cwd=ROOT
    )
    code, errors = outcome(done)
    assert code == 3, done.stderr
    assert len(errors) == 1
    assert re.search(says, errors[0]), errors[0]
    assert not list((tmp_path).rglob("*.partial"))


@pytest.fixture
def small_disk(tmp_path) -> Iterator[Path]:
    """A real file system of 256 kB."""
    disk = tmp_path / "cache" / "disk"  # where `refuses` expects changes
    disk.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "multicnn-test", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("mounting a small disk takes the rights of root")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def filled(disk: Path, left: int) -> None:
    """Fill a disk up to so many bytes."""
    free = os.statvfs(disk)
    (disk / "other").write_bytes(bytes(max(0, free.f_bavail * free.f_bsize - left)))


def test_a_full_disk_for_the_cache_is_said(small_disk, pictures, quick, refuses, monkeypatch):
    filled(small_disk, 0)
    monkeypatch.setenv("MULTICNN_CACHE", str(small_disk))
    says = r"cannot write to the cache folder .*disk: No space left on device; free some space .*MULTICNN_CACHE"
    refuses("image", "train", pictures, *quick, "--out", "run", code=3, says=says)


@pytest.mark.parametrize("left", [0, 8_192, 65_536, 131_072])
def test_a_full_disk_for_the_run_is_said(left, small_disk, pictures, quick, command):
    """Wherever the run gets to, it ends in a sentence, and leaves no half of a file."""
    filled(small_disk, left)
    answer = command("image", "train", pictures, *quick, "--out", small_disk / "run")
    assert answer.code == 3
    assert len(answer.errors) == 1, answer.err
    assert re.search(r"No space left on device.*; ", answer.errors[0])
    assert not list(small_disk.rglob("*.partial"))


def test_a_full_disk_for_answers_is_said(small_disk, image_run, pictures, refuses):
    filled(small_disk, 0)
    says = r"cannot write .*answers\.csv: No space left on device; free some space"
    refuses("predict", image_run, pictures, "--out", small_disk / "answers.csv", code=3, says=says)


def test_two_runs_at_once_share_one_cache(pictures, quick, tmp_path):
    command = [
        sys.executable,
        "-m",
        "multicnn",
        "image",
        "train",
        str(pictures),
        *quick,
        "--image-size",
        "64",
        "-q",
        "--out",
    ]
    both = [subprocess.Popen([*command, str(tmp_path / r)], stderr=subprocess.PIPE, text=True, cwd=ROOT) for r in "ab"]
    for process in both:
        _, errors = process.communicate()
        assert process.returncode == 0, errors
    assert len(list((tmp_path / "cache/stores").glob("*/meta.json"))) == 1
    one, other = ((tmp_path / r / "weights/best.safetensors").read_bytes() for r in "ab")
    assert one == other


def test_a_failed_cross_validation_leaves_no_folder(pictures, quick, refuses):
    (pictures / "0/00.png").write_bytes(b"")
    refuses(
        "image", "train", pictures, *quick, "--folds", 2, "--out", "folds", code=3, says=r"0/00\.png: the file is empty"
    )


def test_a_cross_validation_can_be_replaced(pictures, quick, tmp_path):
    arguments = ["image", "train", str(pictures), *quick, "-q", "--folds", "2", "--out", str(tmp_path / "folds")]
    assert run(arguments, debug=True) == 0
    assert run(arguments, debug=False) == 2
    assert run([*arguments, "--overwrite"], debug=True) == 0

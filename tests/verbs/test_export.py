"""Bundles: what `export` writes, refuses, and what its runner answers where there is neither torch nor multicnn."""

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import multicnn
from multicnn import audio, image, text
from multicnn.cli import main
from multicnn.errors import DataError, UsageError
from multicnn.insight.export import runtime
from multicnn.train.device import accelerator
from multicnn.train.voice import Silent
from multicnn.verbs.again import part_of, readable
from multicnn.verbs.export import check
from multicnn.verbs.run import Run

ALONE = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("torch", "multicnn", "torchvision", "scipy", "sklearn", "numba", "simplejpeg"):
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, Refuse())
import runpy
sys.argv = sys.argv[1:]
sys.path.insert(0, sys.argv[0].rpartition("/")[0])
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def alone(bundle: Path, *arguments: str, lines: str = "") -> tuple[int, list[list[str]]]:
    """Exit code and table of the runner, in a process that can import neither torch nor multicnn."""
    done = subprocess.run(
        [sys.executable, "-c", ALONE, str(bundle / "run.py"), *arguments], capture_output=True, text=True, input=lines
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, list(csv.reader(done.stdout.splitlines()))


class Listening(Silent):
    """Keeps what is said."""

    def __init__(self):
        self.lines = []

    def say(self, line):
        self.lines.append(line)


def refused(bundle: Path, *arguments: str, lines: bytes = b"") -> tuple[int, str]:
    """Exit code and last line on stderr of the runner, which must not answer."""
    done = subprocess.run(
        [sys.executable, "-c", ALONE, str(bundle / "run.py"), *arguments], capture_output=True, input=lines
    )
    err = done.stderr.decode()
    assert (done.stdout, "Traceback" in err) == (b"", False), err
    return done.returncode, err.splitlines()[-1]


def same(said: Sequence[Sequence[str]], run: Run, items: list) -> None:
    """Whether these lines of a table are what the run predicts, up to the last digits."""
    wanted = [cells for p in run.predict(items) for cells in p.cells()]
    assert [line[:2] for line in said] == [line[:2] for line in wanted]
    numbers = [[float(cell) for cell in line[2:-1]] for line in said]
    np.testing.assert_allclose(numbers, [[float(cell) for cell in line[2:]] for line in wanted], atol=2e-5)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Path]:
    """A tiny run of pictures and its bundle."""
    folder = tmp_path_factory.mktemp("pictures")
    random = np.random.default_rng(0)
    for name, light in (("dark", 60), ("light", 180)):
        (folder / "data" / name).mkdir(parents=True)
        for n in range(20):
            pixels = random.integers(light - 50, light + 50, (20, 24, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(folder / "data" / name / f"{n}.png")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MULTICNN_CACHE", str(folder / "cache"))
        run = image.train(
            folder / "data",
            image_size=16,
            epochs=1,
            model="compact",
            precision="fp32",
            device="cpu",
            out=folder / "run",
        )
    return run, run.export(folder / "bundle").path


def test_a_bundle_answers_pictures_as_predict_does(pictures, tmp_path):
    run, bundle = pictures
    random = np.random.default_rng(1)
    wide = random.integers(0, 256, (65, 97, 3)).astype(np.uint8)
    turned = Image.Exif()
    turned[0x0112] = 6
    Image.fromarray(wide).save(tmp_path / "wide.jpg", quality=90)
    Image.fromarray(np.repeat(np.repeat(wide, 3, 0), 3, 1)).save(tmp_path / "large.jpg")
    Image.fromarray(wide).save(tmp_path / "turned.jpg", exif=turned)
    Image.fromarray(wide[..., 0]).save(tmp_path / "grey.png")
    Image.fromarray(np.dstack([wide, wide[..., :1]])).save(tmp_path / "clear.png")
    (tmp_path / "zzz.png").write_bytes(b"no picture")
    files = sorted(map(str, tmp_path.glob("*.*g")))
    code, (header, *lines) = alone(bundle, *files)
    assert code == 3
    assert header == ["id", "prediction", "confidence", "p_dark", "p_light", "error"]
    assert lines[-1][0].endswith("zzz.png")
    assert "not a picture" in lines[-1][-1]
    same(lines[:-1], run, files[:-1])


def test_a_bundle_holds_all_that_is_needed(pictures):
    _, bundle = pictures
    assert {p.name for p in bundle.iterdir()} >= {
        "model.onnx", "run.py", "labels.json", "preprocessing.json", "golden.npz", "bundle.json", "README.md", "parts",
    }  # fmt: skip
    assert json.loads((bundle / "labels.json").read_text())["classes"] == ["dark", "light"]
    facts = json.loads((bundle / "bundle.json").read_text())
    assert 0 <= facts["difference"] <= 1e-4
    assert facts["real"] == 6
    assert len((bundle / "run.py").read_text().splitlines()) < 80
    code, (said,) = alone(bundle, "--check")
    assert code == 0
    assert "6 golden samples" in ",".join(said)


def test_a_runner_refuses_what_it_does_not_know(pictures):
    _, bundle = pictures
    for arguments, says in (
        ([], "name files, or --check alone"),
        (["--check", "x.png"], "name files, or --check alone"),
        (["--out"], "unrecognized arguments: --out"),
        (["x.png", "--out", "o"], "unrecognized arguments: --out"),
        (["--oops", "x.png"], "unrecognized arguments: --oops"),
    ):
        code, why = refused(bundle, *arguments)
        assert code == 2
        assert says in why


def test_a_bundle_with_files_of_others_is_not_replaced(pictures, tmp_path):
    run, bundle = pictures
    shutil.copytree(bundle, tmp_path / "bundle")
    for name in ("photo.png", "parts/notes.txt"):
        (tmp_path / "bundle" / name).write_text("mine")
        with pytest.raises(UsageError, match=f"{name} in it is none of a bundle's files"):
            run.export(tmp_path / "bundle", overwrite=True)
        assert (tmp_path / "bundle" / name).read_text() == "mine"
        (tmp_path / "bundle" / name).unlink()
    alone(tmp_path / "bundle", "--check")
    assert run.export(tmp_path / "bundle", overwrite=True).path == tmp_path / "bundle"


def test_any_size_of_a_batch_is_answered(pictures):
    _, bundle = pictures
    ask = runtime.by_onnx(bundle / "model.onnx")
    assert [ask(np.zeros((n, 3, 16, 16), np.uint8)).shape for n in (1, 5)] == [(1, 2), (5, 2)]


def test_the_gate_stops_other_numbers_and_other_answers(pictures):
    run, bundle = pictures
    ask = runtime.by_onnx(bundle / "model.onnx")
    net = replace(run.trained, accelerator=accelerator("cpu", "fp32"))
    real, _ = readable(part_of(net, "test", 5), net)
    raw = run.trained.reader(real[0][1])[None]
    golden = [(raw, ask(raw))]
    assert check(net, ask, golden, real, Silent())["real"] == 5
    with pytest.raises(DataError, match="differs by"):
        check(net, lambda x: ask(x) + 0.01, golden, real, Silent())
    with pytest.raises(DataError, match="answers otherwise than multicnn predict"):
        check(net, lambda x: ask(x)[:, ::-1], [], real, Silent())


def test_eight_bits_tell_what_they_cost(pictures, tmp_path):
    run, bundle = pictures
    said = Listening()
    found = multicnn.load(run.path, voice=said).export(tmp_path / "small", int8=True).facts["int8"]
    little = found["bytes"] > 0.9 * (bundle / "model.onnx").stat().st_size
    assert any("8 bits save less than a tenth" in line for line in said.lines) == little
    assert found["metric"] == "f1_macro"
    assert found["before"] - found["after"] == pytest.approx(found["loss"])
    assert found["samples"] == 6
    assert alone(tmp_path / "small", "--check")[0] == 0


def test_a_graph_of_torch_answers_the_same(pictures, tmp_path):
    run, bundle = pictures
    out = run.export(tmp_path / "pt2", format="torch").path
    raw = np.random.default_rng(2).integers(0, 256, (3, 3, 16, 16)).astype(np.uint8)
    one, other = runtime.by_torch(out / "model.pt2"), runtime.by_onnx(bundle / "model.onnx")
    np.testing.assert_allclose(one(raw), other(raw), atol=1e-5)
    assert refused(out, "--check") == (2, "run.py needs torch; install: pip install torch numpy pillow")


def test_export_never_overwrites_what_is_no_bundle(pictures, tmp_path, capsys):
    run, _ = pictures
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    for more in ([], ["--overwrite"]):
        with pytest.raises(SystemExit) as end:
            main(["export", str(run.path), "--out", str(tmp_path / "mine"), *more])
        assert end.value.code == 2
        assert "it exists and is no empty folder" in capsys.readouterr().err
    assert (tmp_path / "mine" / "letter.txt").read_text() == "dear"
    with pytest.raises(SystemExit) as end:
        main(["export", str(tmp_path / "nothing")])
    assert end.value.code == 2


def test_what_cannot_be_exported_is_refused(pictures, tmp_path, monkeypatch):
    run, _ = pictures
    with pytest.raises(UsageError, match="--int8 is for --format onnx"):
        run.export(tmp_path / "a", format="torch", int8=True)
    with pytest.raises(UsageError, match="no format named 'onxn'; did you mean onnx"):
        run.export(tmp_path / "a", format="onxn")
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    with pytest.raises(UsageError, match=r"pip install 'multicnn\[export\]'"):
        run.export(tmp_path / "a")
    assert not (tmp_path / "a").exists()


def test_without_its_data_a_run_says_what_was_not_checked(pictures, tmp_path):
    run, _ = pictures
    shutil.copytree(run.path, tmp_path / "run")
    config = (tmp_path / "run" / "config.toml").read_text()
    gone = config.replace(str(run.path.parent / "data"), str(tmp_path / "gone"))
    (tmp_path / "run" / "config.toml").write_text(gone)
    facts = multicnn.load(tmp_path / "run").export(tmp_path / "out").facts
    assert facts["real"] == 0
    assert "data are not there any more" in facts["unchecked"]


def test_a_bundle_answers_texts_as_predict_does(tmp_path):
    run = text.train(
        "reviews", epochs=1, model="textcnn", limit=100, precision="fp32", device="cpu", out=tmp_path / "run"
    )
    bundle = run.export(tmp_path / "bundle").path
    (tmp_path / "t3.csv").write_text("text\ngood\n")
    assert refused(bundle, str(tmp_path / "t3.csv")) == (3, f"run.py: {tmp_path / 't3.csv'}: a table; give its texts "
                                                            "one a line: ... | python run.py -")  # fmt: skip
    code, why = refused(bundle, "-", lines="ёж\n".encode("cp1251"))
    assert (code, "standard input is not UTF-8" in why) == (3, True)
    assert refused(bundle, "-") == (3, "run.py: - standard input is empty; write one text a line")
    lines = ["a good film", "", "не очень, though it\u2019s fine", "bad " * 70]
    code, (_, *said) = alone(bundle, "-", lines="\n".join(lines) + "\n")
    assert code == 0
    wanted = [["line " + str(n), *p.cells()[0][1:]] for n, p in enumerate(run.predict(lines), 1)]
    assert [line[:2] for line in said] == [line[:2] for line in wanted]
    np.testing.assert_allclose([float(line[2]) for line in said], [float(line[2]) for line in wanted], atol=2e-5)


def test_a_bundle_answers_sounds_as_predict_does(tmp_path):
    from soundfile import write

    random = np.random.default_rng(0)
    for name, hertz in (("low", 300), ("high", 2000)):
        (tmp_path / "data" / name).mkdir(parents=True)
        for n in range(8):
            wave = np.sin(np.arange(4000) / 8000 * hertz * 2 * np.pi) * 0.3 + random.normal(size=4000) * 0.02
            write(tmp_path / "data" / name / f"{n}.wav", wave, 8000)
    run = audio.train(
        tmp_path / "data", epochs=1, model="compact", seconds=0.25, precision="fp32", device="cpu", out=tmp_path / "run"
    )
    bundle = run.export(tmp_path / "bundle").path
    write(tmp_path / "stereo.flac", random.normal(size=(9000, 2)) * 0.1, 11_025)
    write(tmp_path / "long.wav", np.tile(random.normal(size=2000) * 0.1, 20), 8000)
    files = [str(tmp_path / name) for name in ("stereo.flac", "long.wav")]
    code, (_, *said) = alone(bundle, *files)
    assert code == 0
    wanted = [cells for p in run.predict(files) for cells in p.cells()]
    assert len(said) == len(wanted) > 2  # long sounds have spans
    assert [line[:2] for line in said] == [line[:2] for line in wanted]

"""Reports of real runs: what stands in them is what was measured, and they open anywhere."""

import csv
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

import multicnn
from multicnn import audio, image, text
from multicnn.errors import DataError, UsageError
from multicnn.train.voice import Silent
from multicnn.verbs.run import Run
from tests import browser

QUICK = {"epochs": 1, "precision": "fp32", "device": "cpu"}
ALWAYS = [
    "Metrics",
    "Curves",
    "Classes",
    "Slices",
    "Data",
    "Cost",
    "Settings",
    "Versions and hardware",
    "How to use it",
]
LABELLED = ["Confusions", "Calibration", "Wrong and sure of it", "Highest losses"]
NASTY = '<b>ёж</b> & "q"'


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for this file's runs, with a cache of its own."""
    folder = tmp_path_factory.mktemp("reports")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MULTICNN_CACHE", str(folder / "cache"))
        yield folder


@pytest.fixture(scope="module")
def table(place: Path) -> Path:
    """Bright and dark squares as files, with columns beside their labels; one class has a name that looks like HTML."""
    random = np.random.default_rng(0)
    lines = [["path", "label", "split", "scanner", "age", "group", "note"]]
    for number in range(120):
        bright = number % 2
        part = ("train", "train", "val", "test")[number // 2 % 4]
        pixels = random.integers(0, 256, (12, 12)) // 2 + 60 * bright
        Image.fromarray(pixels.astype(np.uint8)).save(place / f"{number:03}.png")
        scanner = "new" if number % 3 else NASTY
        lines.append(
            [f"{number:03}.png", NASTY if bright else "dark", part, scanner, str(number), f"g{number // 2}", "x" * 200]
        )
    with open(place / "squares.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(lines)
    return place / "squares.csv"


@pytest.fixture(scope="module")
def squares(table: Path) -> Run:
    return image.train(table, model="cnn1", out=table.parent / "squares run", **QUICK)


def titles(page: Path) -> list[str]:
    return re.findall(r"<h2>(.*?)</h2>", page.read_text(encoding="utf-8"))


def section(page: Path, title: str) -> str:
    found = re.search(rf"<section[^>]*><h2>{title}</h2>(.*?)</section>", page.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    return found[1]


def rows(html: str) -> list[list[str]]:
    """The cells of the tables' bodies, without tags."""
    body = re.findall(r"<tr>(<td.*?)</tr>", html, re.DOTALL)
    return [[re.sub(r"<[^>]*>", "", cell) for cell in re.findall(r"<td.*?>(.*?)</td>", line)] for line in body]


def predictions(run: Run) -> list[dict[str, str]]:
    with open(run.path / "evaluation" / "predictions_test.csv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_training_writes_every_section(squares: Run) -> None:
    page = squares.path / "report.html"
    assert set(titles(page)) == {*ALWAYS, *LABELLED}
    source = page.read_text(encoding="utf-8")
    assert "<b>" not in source
    assert "&lt;b&gt;ёж&lt;/b&gt; &amp; &quot;q&quot;" in source
    cells = {line[0]: line[1] for line in rows(section(page, "Metrics"))}
    assert cells["accuracy"] == f"{squares.metrics['accuracy']:.4f}"
    assert (squares.path / "evaluation" / "cost.json").exists()


def test_every_wrong_sample_is_shown_with_its_picture(squares: Run) -> None:
    wrong = [line for line in predictions(squares) if line["correct"] == "0"]
    shown = section(squares.path / "report.html", "Wrong and sure of it")
    assert f"{len(wrong):,} of 30 samples" in shown
    assert shown.count("<img") == min(12, len(wrong))
    named = re.findall(r"(\d{3}\.png), loss", shown)
    surest = sorted(wrong, key=lambda line: -max(float(v) for k, v in line.items() if k.startswith("p_")))
    assert named == [line["id"] for line in surest][:12]
    others = section(squares.path / "report.html", "Highest losses")
    assert not set(named) & set(re.findall(r"(\d{3}\.png), loss", others))


def test_slices_are_counted_by_any_column(squares: Run, table: Path, tmp_path: Path) -> None:
    automatic = section(squares.path / "report.html", "Slices")
    assert automatic.count("<h3>") == 1  # scanner: the ages are too many, the label is that of Classes
    page = squares.report(["scanner", "age", "label", "group"], out=tmp_path / "page.html")
    with open(table, newline="", encoding="utf-8") as file:
        scanner = {line["path"]: line["scanner"] for line in csv.DictReader(file)}
    found = {line[0]: line for line in rows(section(page, "Slices").split("<h3>")[1])}
    for value, name in (("new", "new"), (NASTY, "&lt;b&gt;ёж&lt;/b&gt; &amp; &quot;q&quot;")):
        right = [int(line["correct"]) for line in predictions(squares) if scanner[line["id"]] == value]
        assert found[name][1:3] == [f"{len(right)}", f"{np.mean(right):.4f}"]
        assert found[name][4] == "small"
    assert [line[1] for line in rows(section(page, "Slices")) if " to " in line[0]] == ["8", "7", "7", "8"]  # of ages


def test_a_column_that_does_not_exist_is_refused(squares: Run, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no column to slice by named 'scaner'; did you mean scanner"):
        squares.report(["scaner"], out=tmp_path / "page.html")
    with pytest.raises(UsageError, match="'note'"):  # cells longer than names
        squares.report(["note"], out=tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()


def test_a_file_is_replaced_only_when_asked_for(squares: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.html").write_text("mine")
    with pytest.raises(UsageError, match="no page that multicnn wrote"):
        squares.report(out=tmp_path / "mine.html", overwrite=True)
    assert (tmp_path / "mine.html").read_text() == "mine"
    with pytest.raises(UsageError, match="it is a folder; name a file"):
        squares.report(out=tmp_path, overwrite=True)
    page = squares.report(out=tmp_path / "page.html")
    with pytest.raises(UsageError, match="add --overwrite"):
        squares.report(out=page)
    assert squares.report(out=page, overwrite=True).stat().st_size > 10_000


def copied(run: Run, place: Path) -> Run:
    """The run elsewhere, to be spoiled."""
    shutil.copytree(run.path, place)
    return multicnn.load(place)


def test_samples_that_are_gone_or_changed_are_said_so(squares: Run, table: Path, tmp_path: Path) -> None:
    run = copied(squares, tmp_path / "run")
    wrong = re.findall(r"(\d{3}\.png), loss", section(run.path / "report.html", "Wrong and sure of it"))
    file = table.parent / wrong[0]
    before = file.read_bytes()
    try:
        Image.fromarray(np.zeros((12, 12), dtype=np.uint8)).save(file)
        shown = section(run.report(), "Wrong and sure of it")
        assert shown.count("This sample has changed since it was answered.") == 1
        file.write_bytes(b"")
        assert "the file is empty" in section(run.report(), "Wrong and sure of it")
    finally:
        file.write_bytes(before)
    shown = section(run.report(), "Wrong and sure of it")
    assert "changed" not in shown
    assert "empty" not in shown


class Listening(Silent):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        self.lines.append(line)


def test_without_the_data_a_report_is_made_all_the_same(squares: Run, tmp_path: Path) -> None:
    copied(squares, tmp_path / "run")
    config = (tmp_path / "run" / "config.toml").read_text(encoding="utf-8")
    (tmp_path / "run" / "config.toml").write_text(config.replace("squares.csv", "nothing.csv"), encoding="utf-8")
    voice = Listening()
    run = multicnn.load(tmp_path / "run", voice=voice)
    page = run.report(["label"])
    assert any("warning" in line and "nothing.csv" in line for line in voice.lines)
    assert "The samples themselves are gone" in page.read_text(encoding="utf-8")
    assert "<img" not in page.read_text(encoding="utf-8")
    assert len(rows(section(page, "Slices"))) == 2
    with pytest.raises(UsageError, match="no column to slice by named 'scanner'; known: label, group"):
        run.report(["scanner"])


def test_a_run_that_measured_nothing_has_a_report(digit_folder: Path, tmp_path: Path) -> None:
    run = image.train(digit_folder, out=tmp_path / "run", model="cnn1", val="0", test="0", **QUICK)
    page = run.path / "report.html"
    assert "Nothing was measured" in section(page, "Metrics")
    assert "Nothing was measured" in (run.path / "model_card.md").read_text(encoding="utf-8")
    assert run.report() == page


def test_a_run_that_is_not_finished_says_how_to_go_on(squares: Run, tmp_path: Path) -> None:
    run = copied(squares, tmp_path / "run")
    shutil.rmtree(run.path / "evaluation")
    page = run.report()
    assert f"finish the run with: multicnn resume {run.path}" in section(page, "Metrics")
    with pytest.raises(UsageError, match="--slice label: nothing was measured"):
        run.report(["label"])


def test_the_card_tells_what_the_run_knows(squares: Run) -> None:
    card = (squares.path / "model_card.md").read_text(encoding="utf-8")
    heads = ["Model", "Intended use", "Data", "Metrics on the test part (30 samples)", "Slices", "Limits", "Licence"]
    assert re.findall(r"^## (.*)$", card, re.MULTILINE) == heads
    assert f"| accuracy | {squares.metrics['accuracy']:.4f} |" in card
    assert "| scanner | samples | accuracy |" in card
    assert "<b>" not in card


@pytest.fixture(scope="module")
def hums(place: Path) -> Run:
    """Low and high tones."""
    lines = [["path", "label", "split"]]
    for number in range(24):
        hz = 300 * (1 + number % 2) + number
        sound = 0.3 * np.sin(2 * np.pi * hz * np.arange(4_000) / 8_000)
        soundfile.write(place / f"{number:03}.wav", sound, 8_000)
        lines.append([f"{number:03}.wav", ("low", "high")[number % 2], ("train", "val", "test")[number // 2 % 3]])
    with open(place / "hums.csv", "w", newline="") as file:
        csv.writer(file).writerows(lines)
    return audio.train(place / "hums.csv", model="cnn1", out=place / "hums", **QUICK)


@pytest.fixture(scope="module")
def notes(place: Path) -> Run:
    """Kind and unkind notes."""
    lines = [["text", "label", "split"]]
    for number in range(24):
        part = ("train", "val", "test")[number // 2 % 3]
        lines.append([f"{('bad', 'good')[number % 2]} thing {number} «привет» 🎵", ("no", "yes")[number % 2], part])
    with open(place / "notes.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(lines)
    return text.train(place / "notes.csv", model="textcnn", out=place / "notes", **QUICK)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[browser.Browser]:
    if browser.program() is None:
        pytest.skip(f"no browser among {', '.join(browser.NAMES)} on this machine")
    with browser.browser(tmp_path_factory.mktemp("browser")) as found:
        yield found


@pytest.mark.parametrize(("name", "pictures", "sounds"), [("squares", 12, 0), ("hums", 8, 8), ("notes", 0, 0)])
@pytest.mark.parametrize("width", [1000, 360])
def test_a_report_opens_without_network(
    name: str, pictures: int, sounds: int, width: int, opened: browser.Browser, request: pytest.FixtureRequest
) -> None:
    run: Run = request.getfixturevalue(name)
    met = opened.look(run.path / "report.html", width=width)
    assert met.errors == []
    assert met.asked == []
    assert set(met.sections) == {*ALWAYS, *LABELLED}
    assert all(met.links)
    assert len(met.images) >= pictures
    assert all(met.images)
    assert len(met.sounds) == sounds
    assert all(0.4 < seconds < 0.7 for seconds in met.sounds)
    assert met.spill == 0
    if name == "notes":
        assert "«привет» 🎵" in met.words


def test_the_judge_of_pages_sees_what_is_wrong(opened: browser.Browser, tmp_path: Path) -> None:
    """The test above can fail: a page with a broken picture, a broken sound, an error and a request."""
    (tmp_path / "page.html").write_text(
        '<!doctype html><img src="data:image/png;base64,AAAA"><audio src="data:audio/wav;base64,AAAA"></audio>'
        '<p style="width:3000px">wide</p>'
        '<script src="https://example.com/x.js"></script><script>console.error("no"); throw 1</script>'
    )
    met = opened.look(tmp_path / "page.html")
    assert met.images == [False]
    assert met.sounds == [0]
    assert met.asked == ["https://example.com/x.js"]
    assert len(met.errors) >= 3
    assert met.spill > 0


def test_calibration_says_whether_the_error_fell(squares: Run, tmp_path: Path) -> None:
    run = copied(squares, tmp_path / "run")
    file = run.path / "evaluation" / "calibration.json"
    for before, after, says in ((0.2, 0.1, "error fell on test"), (0.1, 0.2, "did not fall on test")):
        found = json.loads(file.read_text())
        found |= {"temperature": 1.5, "test": found["test"] | {"ece_before": before, "ece_after": after}}
        file.write_text(json.dumps(found))
        assert says in section(run.report(), "Calibration")


def test_an_audit_within_the_run_is_told_of(squares: Run, tmp_path: Path) -> None:
    run = copied(squares, tmp_path / "run")
    found = [["check", "severity", "says"], *([f"c{n}", "error", f"finding <{n // 2}>"] for n in range(40))]
    (run.path / "audit").mkdir()
    with open(run.path / "audit" / "findings.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([*found, ["c", "note", "not worth it"]])
    shown = section(run.report(), "Data")
    assert shown.count("error: finding &lt;") == 12
    assert "The audit found 8 more" in shown
    assert "not worth it" not in shown
    (run.path / "audit" / "findings.csv").write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match=r"findings\.csv.*damaged"):
        run.report()

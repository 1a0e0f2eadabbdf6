"""Localising and detecting by the command line, on small scenes of real scans."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from multicnn.cli.main import run
from multicnn.image.datasets.boxes.digits import scenes
from multicnn.image.datasets.digits import digits

SIDE = 48
QUICK = ("--model", "resnet18", "--set", "model.width=8", "--precision", "fp32", "--device", "cpu", "-q")


def written(root: Path, most: int, n: int) -> Path:
    """A table of `n` scenes of noughts and ones, twice as wide as high: they are fitted, and boxes must come back."""
    scans = digits()
    two = scans.take(np.flatnonzero(scans.target < 2)).with_classes(scans.classes)
    table = scenes("scenes", two, side=SIDE, most=most)
    assert table.answer is not None
    assert table.split is not None
    root.mkdir()
    with open(root / "boxes.csv", "w", newline="", encoding="utf-8") as file:
        write = csv.writer(file).writerow
        write(["path", "label", "x1", "y1", "x2", "y2", "split"])
        for i in np.linspace(0, len(table) - 1, n).astype(int):
            wide = np.concatenate([table.items[i], np.zeros_like(table.items[i])], axis=1)
            Image.fromarray(wide).save(root / f"{i}.png")
            for c, *box in json.loads(str(table.answer[i]))["boxes"]:
                write([f"{i}.png", c, *box, table.split[i]])
    return root / "boxes.csv"


def train(work: Path, task: str, most: int, *options: object) -> Path:
    """A run by the command line, with a cache of its own."""
    data = written(work / task, most, 60)
    given = ["image", "train", data, "--task", task, "-o", work / f"{task}-run", *QUICK, *options]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MULTICNN_CACHE", str(work / "cache"))
        assert run([str(g) for g in given], debug=True) == 0
    return work / f"{task}-run"


@pytest.fixture(scope="module")
def detector(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that has seen 40 scenes a few times."""
    settings = ("--set", "task.width=16", "--set", "task.depth=1", "--set", "task.threshold=0.05")
    return train(tmp_path_factory.mktemp("work"), "detect", 3, "--epochs", 20, "--batch-size", 8, *settings)


@pytest.fixture(scope="module")
def localizer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(tmp_path_factory.mktemp("work"), "localize", 1, "--epochs", 10, "--batch-size", 8)


def lines(path: Path) -> list[dict[str, str]]:
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def size(path: Path) -> tuple[int, int]:
    with Image.open(path) as picture:
        return picture.size


def test_a_detector_learns_and_is_measured(detector: Path) -> None:
    found = json.loads((detector / "evaluation" / "test.json").read_text())
    assert set(found["metrics"]) == {"map", "map50", "map75"}
    history = [json.loads(line) for line in (detector / "metrics.jsonl").read_text().splitlines()]
    assert history[-1]["train_loss"] < 0.8 * history[0]["train_loss"]
    assert set(found["per_class"]) == {"0", "1"}
    assert all(low <= high for low, high in found["intervals"].values())
    assert size(detector / "evaluation" / "boxes_test.png")[0] > 300
    page = (detector / "report.html").read_text(encoding="utf-8")
    assert page.count('<svg class="boxed"') == min(8, found["n"])
    assert page.count('<rect class="true"') >= min(8, found["n"])


def test_predictions_of_the_test_part_are_in_pixels(detector: Path) -> None:
    rows = lines(detector / "evaluation" / "predictions_test.csv")
    assert list(rows[0]) == ["id", "label", "score", "x1", "y1", "x2", "y2", "iou"]
    boxes = [row for row in rows if row["label"]]
    assert boxes
    for row in boxes:
        assert 0 <= float(row["x1"]) <= float(row["x2"]) <= 2 * SIDE
        assert 0 <= float(row["y1"]) <= float(row["y2"]) <= SIDE
    assert max(float(row["iou"]) for row in boxes) > 0.3


def test_a_folder_of_answers_holds_a_table_and_pictures(
    detector: Path, works: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    data = detector.parent / "detect"
    files = sorted(data.glob("*.png"))[:3]
    Image.new("L", (90, 30)).save(tmp_path / "empty.png")
    (tmp_path / "other").mkdir()
    namesake = tmp_path / "other" / files[0].name
    Image.new("L", (50, 40)).save(namesake)
    works("predict", detector, *files, namesake, tmp_path / "empty.png", "-o", tmp_path / "out", "-q")
    rows = lines(tmp_path / "out" / "predictions.csv")
    assert {Path(row["id"]).name for row in rows} == {f.name for f in files} | {"empty.png"}
    for file in files:
        assert size(tmp_path / "out" / "overlays" / file.name) == size(file)
    assert size(tmp_path / "out" / "overlays" / f"{namesake.stem}-2.png") == (50, 40)


def test_json_lines_list_the_boxes_of_each_picture(detector: Path, works: Callable) -> None:
    file = next((detector.parent / "detect").glob("*.png"))
    answer = works("predict", detector, file, "--format", "jsonl", "-q")
    record = json.loads(answer.out)
    assert all(set(box) == {"label", "score", "x1", "y1", "x2", "y2"} for box in record["boxes"])
    table = works("predict", detector, file, "-q").out.splitlines()
    assert table[0] == "id,label,score,x1,y1,x2,y2,error"
    assert len(table) - 1 == max(1, len(record["boxes"]))


def test_evaluation_anew_says_the_same(detector: Path, works: Callable) -> None:
    before = json.loads((detector / "evaluation" / "test.json").read_text())
    found = json.loads(works("evaluate", detector, "--json").out)
    assert found["metrics"] == pytest.approx(before["metrics"], abs=1e-6)


def test_a_localizer_answers_one_box_a_picture(localizer: Path, works: Callable) -> None:
    found = json.loads((localizer / "evaluation" / "test.json").read_text())
    assert set(found["metrics"]) == {"localized", "accuracy", "iou_mean"}
    file = next((localizer.parent / "localize").glob("*.png"))
    record = json.loads(works("predict", localizer, file, "--format", "jsonl", "-q").out)
    assert len(record["boxes"]) == 1


def test_localize_refuses_pictures_with_several_boxes(detector: Path, refuses: Callable) -> None:
    data = detector.parent / "detect" / "boxes.csv"
    refuses("image", "train", data, "--task", "localize", *QUICK, code=3, says="not exactly one; take --task detect")


def test_networks_without_cells_are_refused(detector: Path, refuses: Callable) -> None:
    data = detector.parent / "detect" / "boxes.csv"
    quick = ("--precision", "fp32", "--device", "cpu", "-q")
    refuses("image", "train", data, "--task", "detect", "--model", "cnn1", *quick, code=2, says="choose resnet18")
    given = ("image", "train", data, "--task", "detect", "--augment", "mixup", *quick)
    refuses(*given, code=2, says="mixes two samples' answers")


def test_torchvisions_detector_trains_and_answers(works: Callable, tmp_path: Path) -> None:
    quick = ("--epochs", 1, "--limit", 8, "--batch-size", 4, "--set", "task.threshold=0.01")
    run_folder = train(tmp_path, "detect", 3, "--model", "fcos_resnet50", "--set", "model.frozen=true", *quick)
    assert json.loads((run_folder / "model.json").read_text())["settings"]["model"]["frozen"] is True
    file = next((tmp_path / "detect").glob("*.png"))
    record = json.loads(works("predict", run_folder, file, "--format", "jsonl", "-q").out)
    assert record["boxes"]
    assert all(0 <= box["x1"] <= box["x2"] <= 2 * SIDE for box in record["boxes"])

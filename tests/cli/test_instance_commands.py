"""Instances by the command line, on small scenes of real scans."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from multicnn.cli.main import run
from multicnn.image.datasets.instances import digit_instances
from multicnn.image.rle import run_mask, uncompress
from multicnn.image.stacks import stack_of

SIDE = 64
QUICK = ("--model", "resnet18", "--set", "model.width=8", "--precision", "fp32", "--device", "cpu", "-q")
HEAD = ("--set", "task.width=16", "--set", "task.depth=1", "--set", "task.prototypes=8", "--set", "task.mask=3")
COLUMNS = ["id", "label", "score", "x1", "y1", "x2", "y2", "area", "number"]


def written(root: Path, n: int = 40) -> Path:
    """Scenes of digits, all of one class, twice as wide as high: they are fitted, and masks must come back."""
    table = digit_instances()
    assert table.answer is not None
    assert table.split is not None
    for i in np.linspace(0, len(table) - 1, n).astype(int).tolist():
        owner = stack_of(json.loads(str(table.answer[i]))).owner.astype(np.uint16)
        for kind, array in (("images", table.items[i]), ("masks", owner)):
            file = root / str(table.split[i]) / kind / f"{i}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.concatenate([array, np.zeros_like(array)], axis=1)).save(file)
    return root


@pytest.fixture(scope="module")
def finder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that has seen 25 scenes a few times, in a square that half of each leaves empty."""
    work = tmp_path_factory.mktemp("work")
    data = written(work / "data")
    given = ["image", "train", data, "--task", "instances", "-o", work / "run", "--image-size", "96", *QUICK, *HEAD]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MULTICNN_CACHE", str(work / "cache"))
        assert run([str(g) for g in [*given, "--epochs", 20, "--batch-size", 4]], debug=True) == 0
    return work / "run"


def lines(path: Path) -> list[dict[str, str]]:
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_masks_are_learnt_and_measured(finder: Path) -> None:
    found = json.loads((finder / "evaluation" / "test.json").read_text())
    kinds = ("map", "map50", "map75", "mask_map", "mask_map50", "mask_map75")
    assert tuple(found["metrics"]) == kinds
    assert found["metrics"]["mask_map50"] > 0.3
    assert set(found["per_class"]["object"]) == {"ap", "ap50", "boxes", "mask_ap", "mask_ap50"}
    assert all(low <= high for low, high in found["intervals"].values())
    with Image.open(finder / "evaluation" / "instances_test.png") as picture:
        assert picture.size[0] > 600
    page = (finder / "report.html").read_text(encoding="utf-8")
    assert page.count('<svg class="boxed"') == 2 * min(8, found["n"])  # truth and answer
    assert '<rect class="said"' in page


def test_predictions_of_the_test_part_are_in_pixels(finder: Path) -> None:
    rows = lines(finder / "evaluation" / "predictions_test.csv")
    assert list(rows[0]) == [*COLUMNS, "iou", "mask_iou"]
    found = [row for row in rows if row["label"]]
    assert max(float(row["mask_iou"]) for row in found) > 0.5
    for row in found:
        assert 0 <= float(row["x1"]) <= float(row["x2"]) <= 2 * SIDE
        assert 0 <= float(row["y1"]) <= float(row["y2"]) <= SIDE
        box = (float(row["x2"]) - float(row["x1"])) * (float(row["y2"]) - float(row["y1"]))
        assert int(row["area"]) <= 1.44 * box + 2 * SIDE


@pytest.fixture(scope="module")
def answered(finder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Answers for the test part and for a picture of nothing."""
    out = tmp_path_factory.mktemp("answers")
    Image.new("L", (90, 30)).save(out / "empty.png")
    files = sorted((finder.parent / "data" / "test" / "images").glob("*.png"))
    given = ["predict", finder, *files, out / "empty.png", "-o", out / "out", "-q"]
    assert run([str(g) for g in given], debug=True) == 0
    return out / "out"


def test_answers_lie_on_the_objects_in_the_pictures_own_pixels(finder: Path, answered: Path) -> None:
    rows = lines(answered / "predictions.csv")
    assert list(rows[0]) == [*COLUMNS, "error"]
    inked = covered = both = 0
    for file in sorted((finder.parent / "data" / "test" / "masks").glob("*.png")):
        with Image.open(file) as true, Image.open(answered / "masks" / file.name) as found:
            assert found.mode == "I;16"
            assert found.size == true.size == (2 * SIDE, SIDE)
            owner, truth = np.asarray(found), np.asarray(true)
        with Image.open(answered / "overlays" / file.name) as overlay:
            assert overlay.size == (2 * SIDE, SIDE)
        own = [row for row in rows if Path(row["id"]).name == file.name and row["label"]]
        assert set(np.unique(owner)) - {0} <= {int(row["number"]) for row in own}
        inked, covered, both = (
            n + int(m.sum())
            for n, m in zip((inked, covered, both), (truth > 0, owner > 0, (truth > 0) & (owner > 0)), strict=True)
        )
    assert both / (inked + covered - both) > 0.5


def test_coco_tools_read_the_results(answered: Path) -> None:
    library: Any = pytest.importorskip("faster_coco_eval")
    results = json.loads((answered / "coco.json").read_text())
    files = list(dict.fromkeys(Path(row["id"]).name for row in lines(answered / "predictions.csv")))
    rows = [row for row in lines(answered / "predictions.csv") if row["label"]]
    assert len(results) == len(rows)
    for result, row in zip(results, rows, strict=True):
        size = result["segmentation"]["size"]
        mask = run_mask(uncompress(result["segmentation"]["counts"]), *size)
        assert int(mask.sum()) == int(row["area"])
        assert result["category"] == row["label"]
        assert result["file_name"] == Path(row["id"]).name
        assert result["image_id"] == files.index(result["file_name"]) + 1
    images = [{"id": i, "height": SIDE, "width": 2 * SIDE} for i in {r["image_id"] for r in results}]
    head = {"images": images, "annotations": [], "categories": [{"id": 1, "name": "object"}]}
    read = library.COCO(head).loadRes(results)
    areas = [int(library.mask.area(read.annToRLE(a))) for a in read.dataset["annotations"]]
    assert sorted(areas) == sorted(int(row["area"]) for row in rows)


def test_names_that_are_numbers_are_cocos_own(finder: Path, works: Callable, tmp_path: Path) -> None:
    files = sorted((finder.parent / "data" / "test" / "images").glob("*.png"))[:3]
    works("predict", finder, *files, "-o", tmp_path / "out", "-q")
    results = json.loads((tmp_path / "out" / "coco.json").read_text())
    assert results
    assert all(result["image_id"] == int(Path(result["file_name"]).stem) for result in results)


def test_json_lines_hold_the_masks(finder: Path, works: Callable) -> None:
    file = next((finder.parent / "data" / "test" / "images").glob("*.png"))
    record = json.loads(works("predict", finder, file, "--format", "jsonl", "-q").out)
    for one in record["instances"]:
        assert set(one) == {*COLUMNS[1:], "segmentation"}
        assert one["segmentation"]["size"] == [SIDE, 2 * SIDE]
    table = works("predict", finder, file, "-q").out.splitlines()
    assert table[0] == ",".join([*COLUMNS, "error"])
    assert len(table) - 1 == max(1, len(record["instances"]))


def test_evaluation_anew_says_the_same(finder: Path, works: Callable) -> None:
    before = json.loads((finder / "evaluation" / "test.json").read_text())
    found = json.loads(works("evaluate", finder, "--json").out)
    assert found["metrics"] == pytest.approx(before["metrics"], abs=1e-6)
    other = json.loads(works("evaluate", finder, finder.parent / "data" / "test", "--json").out)
    assert other["n"] == before["n"]


def test_the_task_is_listed(works: Callable) -> None:
    assert "instances" in works("image", "tasks").out
    assert "digit-instances" in works("image", "datasets").out


def test_what_is_no_set_of_outlines_is_refused(finder: Path, refuses: Callable) -> None:
    data = finder.parent / "data"
    refuses("image", "train", data / "train" / "images", "--task", "instances", *QUICK, code=3, says="no outlines")
    given = ("image", "train", data, "--task", "instances", "--augment", "mixup", *QUICK)
    refuses(*given, code=2, says="mixes two samples' answers")

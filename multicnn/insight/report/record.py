"""What a run folder says of its run."""

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from multicnn.train.loop import best_row
from multicnn.train.run import RunFolder, damaged, read_json, read_model

COST, AUDIT = "cost.json", "audit"  # a file of the evaluation, and the folder of an audit


@dataclass(frozen=True)
class Record:
    """The content of a run folder's files.

    monitor: the metric that matters, with "-" before it where less is better.  found: of what was measured, None where
    nothing was.  calibration: None where nothing is calibrated.
    cost: flops of an answer to one sample of shape input, None where it is not known.  size: bytes of the weights.
    """

    path: Path
    monitor: str
    model: dict[str, Any]
    data: dict[str, Any]
    environment: dict[str, Any]
    config: str
    history: list[dict[str, Any]]
    found: dict[str, Any] | None
    calibration: dict[str, Any] | None
    cost: dict[str, Any] | None
    size: int

    @property
    def key(self) -> str:
        """The metric that matters."""
        return self.monitor.removeprefix("-")

    @property
    def classes(self) -> list[str]:
        return self.model["classes"]

    @property
    def labels(self) -> bool:
        """Whether its answers are labels."""
        return self.model["task"] == "classify"

    @property
    def baselines(self) -> dict[str, dict[str, float]]:
        """Metrics of simple learners."""
        return (self.found or {}).get("baselines", {})

    @property
    def seconds(self) -> float:
        """Of training."""
        return sum(row.get("seconds", 0.0) for row in self.history)

    @property
    def best(self) -> int | None:
        """The epoch whose weights are kept."""
        return best_row(self.history, self.monitor)["epoch"] if self.history else None


def read(folder: RunFolder, monitor: str) -> Record:
    """Raises DataError for a file that a run has and this one lacks, or that holds something else."""
    parts = [folder.evaluation / f"{part}.json" for part in ("test", "val")]
    measured = next((read_json(p) for p in parts if p.exists()), None)
    try:
        config = folder.config.read_text(encoding="utf-8")
        lines = folder.metrics.read_text(encoding="utf-8").splitlines() if folder.metrics.exists() else []
        history = [json.loads(line) for line in lines]
    except (OSError, ValueError) as error:
        raise damaged(folder.path, error) from error
    record = Record(
        folder.path, monitor, read_model(folder), read_json(folder.data), read_json(folder.environment), config,
        history, measured, *(_optional(folder.evaluation / name) for name in ("calibration.json", COST)),
        folder.best.stat().st_size if folder.best.exists() else 0,
    )  # fmt: skip
    for name, value, keys in (
        ("data.json", record.data, ("name", "parts", "how_split")),
        ("the evaluation", record.found, ("split", "n", "metrics", "per_class", "intervals", "loss")),
    ):
        missing = [key for key in keys if value is not None and key not in value]
        if missing:
            raise damaged(folder.path / name, f"no {missing[0]!r} in it")
    return record


def _optional(path: Path) -> dict[str, Any] | None:
    return read_json(path) if path.exists() else None


@dataclass(frozen=True)
class Twins:
    """Samples of exactly the same content: sets of them, those that lie in several parts, those of several labels.

    example: ids of one set that lies in several parts, or "".
    """

    sets: int
    across: int
    contrary: int
    example: str


def twins(folder: RunFolder) -> Twins:
    """By the hashes of splits.csv; those of pieces of one sample are not told apart from others."""
    same: dict[str, list[dict[str, str]]] = defaultdict(list)
    for line in splits(folder):
        same[line["hash"]].append(line)
    found = [lines for lines in same.values() if len(lines) > 1]
    across = [lines for lines in found if len({line["split"] for line in lines} - {""}) > 1]
    contrary = sum(len({line["label"] for line in lines}) > 1 for lines in found)
    example = " and ".join(line["id"] for line in across[0][:2]) if across else ""
    return Twins(len(found), len(across), contrary, example)


def audited(folder: RunFolder) -> list[str]:
    """What an audit in the run's folder found wrong, a sentence each. Raises DataError where it is damaged."""
    path = folder.path / AUDIT / "findings.csv"
    if not path.exists():
        return []
    try:
        with open(path, encoding="utf-8", newline="") as file:
            lines = [(line["severity"], line["says"]) for line in csv.DictReader(file)]
    except (OSError, csv.Error, UnicodeError, KeyError) as error:
        raise damaged(path, error) from error
    return list(dict.fromkeys(f"{severity}: {says}" for severity, says in lines if severity != "note"))


def splits(folder: RunFolder) -> Iterator[dict[str, str]]:
    """The lines of splits.csv. Raises DataError where it is damaged."""
    try:
        with open(folder.splits, encoding="utf-8", newline="") as file:
            for line in csv.DictReader(file):
                if Counter(line.keys()) != Counter(["row", "id", "split", "label", "group", "hash"]):
                    raise damaged(folder.splits, "it has other columns")
                yield line
    except (OSError, csv.Error, UnicodeError) as error:
        raise damaged(folder.splits, error) from error

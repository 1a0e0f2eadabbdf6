"""499 Japanese sentences with places, dates, organisations, persons and more; ships with the package."""

import json
from pathlib import Path

from multicnn.data.assets import asset
from multicnn.data.layouts.encoding import read_text
from multicnn.data.table import Table, number_several, strings


def hironsan(path: Path | None = None) -> Table:
    """The corpus of hironsancorpus 0.1.2 (MIT), which has no official parts. `path`: its folder, elsewhere."""
    folder = path or asset("hironsan")
    rows = [json.loads(line) for line in read_text(folder / "sentences.jsonl").splitlines()]
    classes, target = number_several([[kind for *_, kind in row["spans"]] for row in rows])
    return Table(
        name="hironsan",
        items=strings(row["text"] for row in rows),
        ids=strings(f"sentences.jsonl:{n}" for n in range(1, len(rows) + 1)),
        classes=classes,
        target=target,
        answer=strings(json.dumps({"spans": row["spans"]}) for row in rows),
    )

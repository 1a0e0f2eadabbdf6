"""Cross-validation: a run a fold, and their mean."""

import statistics
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from multicnn.train.run import FOLDS, RunFolder, create
from multicnn.train.voice import Voice
from multicnn.verbs.layers import Tables, overlay, resolve
from multicnn.verbs.modality import Modality
from multicnn.verbs.train import check_place, plain, train


def cross_validate(
    modality: Modality,
    folds: int,
    *,
    config: Tables,
    flags: Tables,
    sets: Tables,
    out: Path | None,
    overwrite: bool,
    voice: Voice,
) -> tuple[RunFolder, dict[str, Any]]:
    """Train one run a fold below one folder, and write folds.json: every metric's mean and deviation."""
    asked = resolve({}, config, flags, sets, modality.augments)
    source = asked["data"].get("source") or modality.kind(asked["task"].get("name")).default_data
    check_place(source, out, overwrite)
    parent = create(f"{modality.name}-{plain(Path(source).stem)}-folds", out, overwrite=overwrite)
    found = []
    try:
        for fold in range(1, folds + 1):
            voice.say(f"fold {fold} of {folds}")
            chosen = overlay(flags, {"data": {"folds": folds, "fold": fold}})
            _, summary = train(
                modality, config=config, flags=chosen, sets=sets, out=parent.path / f"fold-{fold}", overwrite=False,
                require=None, voice=voice,
            )  # fmt: skip
            found.append(summary)
    except BaseException:
        with suppress(OSError):
            parent.path.rmdir()  # only where not even the first fold began
        raise
    result = {"run": str(parent.path), "folds": [f["run"] for f in found], "metrics": spread(found)}
    parent.write_json(parent.path / FOLDS, result)
    for name, m in result["metrics"].items():
        voice.say(f"  {name:<18} {m['mean']:.4f} +- {m['deviation']:.4f} over {folds} folds")
    return parent, result


def spread(summaries: Sequence[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Mean and standard deviation of each metric, of the network and of the simple learners."""
    columns: dict[str, list[float]] = {}
    for summary in summaries:
        for name, value in summary["metrics"].items():
            columns.setdefault(name, []).append(value)
        for learner, metrics in summary["baselines"].items():
            for name in metrics.keys() & summary["metrics"].keys():
                columns.setdefault(f"{learner}: {name}", []).append(metrics[name])
    return {
        name: {"mean": statistics.fmean(v), "deviation": statistics.stdev(v) if len(v) > 1 else 0.0}
        for name, v in columns.items()
    }

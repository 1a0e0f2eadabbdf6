"""What the validation part settles once the weights are: thresholds of a task, and how sure its answers are."""

from typing import Any

import numpy as np
import torch

from multicnn.data.batches import Batches
from multicnn.insight.calibration import calibration
from multicnn.train.evaluate import by_sample, judgements, places, windows
from multicnn.train.run import RunFolder, read_json, write_text
from multicnn.train.task import Calibrated, Task, Tuned
from multicnn.train.voice import Voice
from multicnn.verbs.labels import predictions
from multicnn.verbs.prepare import Prepared


def settle(ready: Prepared, val: Batches | None, folder: RunFolder, voice: Voice) -> dict[str, Any]:
    """Let the validation part choose the settings that the task leaves to it; model.json keeps them.

    Returns what calibration.json will tell of it; of a calibrated task predictions_val.csv is written.
    """
    if isinstance(ready.task, Calibrated):
        return _calibrate(ready, val, folder, voice)
    if val is not None and isinstance(ready.task, Tuned):
        judged = judgements(ready.net, ready.task, val, ready.accelerator, voice)
        _keep(ready, folder, ready.task.tune(judged, ready.table.target[val.rows]))
    return {}


def _calibrate(ready: Prepared, val: Batches | None, folder: RunFolder, voice: Voice) -> dict[str, Any]:
    assert isinstance(ready.task, Calibrated)
    if val is None:
        how = f"temperature {ready.task.temperature:g}, for there is no validation part"
        return {"temperature": ready.task.temperature, "how": how}
    index, out = windows(ready.net, val, ready.accelerator, voice)
    truth = ready.table.truth[val.rows]
    before, answer = both(ready.task, val.rows, index, out)
    how = ready.task.calibrate(out, places(val.rows, index), answer, truth)
    before, after = both(ready.task, val.rows, index, out)
    _keep(ready, folder, {"temperature": ready.task.temperature})
    if ready.accelerator.is_main_process:
        table = predictions(ready.task, ready.table, val.rows, after)
        write_text(folder.evaluation / "predictions_val.csv", table)
    found = calibration(before, after, truth)
    return {"temperature": ready.task.temperature, "how": how, "val": found}


def _keep(ready: Prepared, folder: RunFolder, chosen: dict[str, Any]) -> None:
    if ready.accelerator.is_main_process:
        model = read_json(folder.model)
        model["settings"]["task"] |= chosen
        folder.write_json(folder.model, model)


def both(task: Task, rows: np.ndarray, index: np.ndarray, out: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A calibrated task's answers at temperature 1, and at its own.  n, m, m k -> n k, n k"""
    assert isinstance(task, Calibrated)
    logits = torch.from_numpy(out)
    before, after = (task.answer(z).numpy() for z in (logits * task.temperature, logits))
    return by_sample(rows, index, before), by_sample(rows, index, after)


def judge(ready: Prepared, rows: np.ndarray, voice: Voice) -> tuple[np.ndarray, np.ndarray]:
    """What the metrics read of some rows, as it would be without a temperature, and as it is.  -> n ..., n ..."""
    batches = ready.batches(rows)
    if isinstance(ready.task, Calibrated):
        return both(ready.task, rows, *windows(ready.net, batches, ready.accelerator, voice))
    judged = judgements(ready.net, ready.task, batches, ready.accelerator, voice)
    return judged, judged


def tell(
    folder: RunFolder, settled: dict[str, Any], part: str, before: np.ndarray, after: np.ndarray, y: np.ndarray,
    voice: Voice,
) -> None:  # fmt: skip
    """Write calibration.json and say it, where the task is calibrated."""
    if not settled:
        return
    found = calibration(before, after, y)
    folder.write_json(folder.evaluation / "calibration.json", settled | {part: found})
    first, then = found["ece_before"], found["ece_after"]
    now = f"{then:.4f}" if settled["temperature"] == 1 else f"{then:.4f}, without it {first:.4f}"
    changed = f"; of windows' means {found['changed']} say another label for it" if found["changed"] else ""
    voice.say(f"calibration: {settled['how']}; expected calibration error on {part} {now}{changed}")

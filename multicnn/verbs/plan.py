"""Plan: what a training costs before it is paid for: layer by layer, in memory and in time."""

from collections.abc import Sequence
from typing import Any

from multicnn.errors import UsageError
from multicnn.insight.advice import Advice, advise, refuse_unknown
from multicnn.insight.cost import Layer, layers, totals
from multicnn.insight.cost.memory import free, maps
from multicnn.insight.cost.trial import Tried, try_out
from multicnn.train.run import RunFolder
from multicnn.train.voice import Voice
from multicnn.verbs.advice import known, outlined
from multicnn.verbs.layers import Tables, read_saved, resolve
from multicnn.verbs.modality import Modality
from multicnn.verbs.outline import outline
from multicnn.verbs.prepare import Prepared, prepare
from multicnn.verbs.told import LARGEST, lines

KEPT = 0.85  # of the free memory, for others want some too
PATIENCE = 20.0  # seconds that a step to try a batch may take


def plan(
    modality: Modality, *, config: Tables, flags: Tables, sets: Tables, classes: int | None = None, voice: Voice,
    every: bool = False, silence: Sequence[str] = (),
) -> dict[str, Any]:  # fmt: skip
    """What `train` with these settings would cost; of a model without data, what can be counted.

    Nothing is written but the store of decoded samples. classes: without data, how many answers there are. every: tell
    of every layer of a long net too. silence: rules of advice to leave out. Raises UsageError or DataError as `train`
    does, and UsageError for an unknown rule.
    """
    refuse_unknown(silence)
    asked = resolve({}, config, flags, sets, modality.augments)
    sourced = "source" in asked["data"]
    if not sourced and "name" in asked["model"]:
        facts, found = outline(modality, asked, classes)
        advised = advise(outlined(modality, asked, found), silence=silence)
        return told({"modality": modality.name, **facts, **counted(found)}, found, advised, voice, every=every)
    if classes is not None:
        raise UsageError(
            f"--classes {classes}: it is for a --model without DATA, which say it themselves; leave it out"
        )
    if not sourced:
        kind = modality.kind(asked["task"].get("name"))
        voice.say(f"no data named: planning for the built-in set {kind.default_data!r}")
    return planned(prepare(modality, config, flags, sets, voice), voice, every=every, silence=silence)


def plan_run(
    modality: Modality, folder: RunFolder, voice: Voice, *, every: bool = False, silence: Sequence[str] = ()
) -> dict[str, Any]:
    """The same of a run, from its settings and its data."""
    refuse_unknown(silence)
    ready = prepare(modality, read_saved(folder.config, modality.name), {}, {}, voice)
    return planned(ready, voice, every=every, silence=silence)


def planned(ready: Prepared, voice: Voice, *, every: bool, silence: Sequence[str]) -> dict[str, Any]:
    """Try a few steps, count every layer, tell it."""
    train = ready.training_batches()
    val = ready.batches(ready.splits.val) if len(ready.splits.val) else None
    voice.say("trying a few steps ...")
    tried = try_out(ready.net, ready.task, train, val, ready.augments, ready.accelerator, ready.settings)
    room = free(ready.accelerator.device)
    raw = train.first(ready.splits.train[:1]).x.to(ready.accelerator.device)
    found = layers(ready.net, raw)
    facts = {
        "modality": ready.modality.name,
        "task": ready.tables["task"]["name"],
        "model": ready.tables["model"]["name"],
        **counted(found),
        "held_bytes": tried.trial.activations // max(1, min(tried.trial.batch, ready.settings.batch_size)),
        "memory": memory(tried, room) | fitting(tried, room, len(ready.splits.train)),
        "time": seconds(tried, ready.settings.epochs),
    }
    return told(facts, found, advise(known(ready, found), silence=silence), voice, every=every)


def told(
    facts: dict[str, Any], found: list[Layer], advised: Sequence[Advice], voice: Voice, *, every: bool
) -> dict[str, Any]:
    """Tell it to a person; the facts, with the layers and the advice, are for programs."""
    for line in [*lines(facts, found, every=every), *(line for advice in advised for line in advice.lines())]:
        voice.say(line)
    return {**facts, "advice": [a.record() for a in advised], "layers": [layer.record() for layer in found]}


def counted(found: list[Layer]) -> dict[str, Any]:
    """Parameters, operations and feature maps of a sample."""
    whole = totals(found)
    return {"parameters": whole.parameters, "flops": whole.flops, "activation_bytes": maps(found)}


def memory(tried: Tried, room: int) -> dict[str, Any]:
    """Bytes: of what training holds, of the most that the steps took beyond the net and the data, and the free ones."""
    trial = tried.trial
    parts = {
        "weights": trial.weights,
        "gradients": trial.gradients,
        "optimizer": trial.optimizer,
        "average": trial.average,
        "activations": trial.activations,
    }
    peak = trial.rise + here(tried)
    return {
        **parts,
        "other": peak - sum(parts.values()),  # below 0 where the parts are not all held at once
        "batch": trial.batch,
        "rise": trial.rise,
        "peak": peak,
        "free": room,
        "device": str(tried.this.accelerator.device),
    }


def here(tried: Tried) -> int:
    """Bytes of the net, where it was in memory before the trial; to a GPU it comes with the trial."""
    return tried.trial.weights if tried.this.accelerator.device.type == "cpu" else 0


def fitting(tried: Tried, room: int, samples: int) -> dict[str, Any]:
    """The largest batch that the free memory holds, by what a sample took; tried, if that is quick.

    Of batches doubled from 1, the batch of the plan, and all training samples. fitting_bytes: what it takes at most.
    """
    trial = tried.trial
    usable = int(KEPT * room)
    growing = max(1, trial.rise - trial.fixed, trial.activations)
    takes = {n: trial.fixed + growing * n // trial.batch for n in doubled(samples, trial.batch)}
    ran = trial.batch if trial.rise <= room else 0  # measured, so never told not to fit
    for n in sorted((n for n, taken in takes.items() if taken <= usable or n == ran), reverse=True):
        slow = trial.step.wall * n / trial.batch > PATIENCE
        if n == ran or slow or tried.fits(n, usable):
            return {"fitting_batch": n, "fitting_bytes": takes[n] + here(tried), "samples": samples,
                    "tried": n == ran or not slow}  # fmt: skip
    return {"fitting_batch": 0, "fitting_bytes": 0, "samples": samples, "tried": False}


def doubled(samples: int, batch: int) -> list[int]:
    """1, 2, 4 and so on, the batch of the plan, and all training samples where they are few."""
    most = min(LARGEST, max(1, samples))
    return sorted({batch, *(2**i for i in range(most.bit_length())), *([samples] if 0 < samples <= most else [])})


def seconds(tried: Tried, epochs: int) -> dict[str, Any]:
    """Of a step, an epoch and its parts, and of all epochs, if none is spared."""
    trial = tried.trial
    return {
        "step": round(trial.step.wall, 5),
        "steps": trial.steps,
        "training": round(trial.epoch.wall, 4),
        "validation": round(trial.validation.wall, 4),
        "saving": round(trial.saving.wall, 4),
        "epoch": round(trial.whole.wall, 4),
        "epoch_processor": round(trial.whole.processor, 4),
        "epochs": epochs,
        "all": round(trial.whole.wall * epochs, 2),
    }

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
from multicnn.verbs.told import lines

LARGEST = 1024  # samples of a batch that are tried; larger ones leave few steps to learn by
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
    trial, device = tried.trial, tried.this.accelerator.device
    return {
        "weights": trial.weights,
        "gradients": trial.gradients,
        "optimizer": trial.optimizer,
        "average": trial.average,
        "activations": trial.activations,
        "batch": trial.batch,
        "rise": trial.rise,
        "peak": trial.rise + (trial.weights if device.type == "cpu" else 0),  # to a GPU the net comes with the trial
        "free": room,
        "device": str(device),
    }


def fitting(tried: Tried, room: int, samples: int) -> dict[str, Any]:
    """The largest batch, doubled from 1, that the free memory holds, by what a sample took; tried, if that is quick."""
    trial = tried.trial
    usable = int(KEPT * room)
    each = max(1, (max(trial.rise - trial.fixed, trial.activations)) // trial.batch)
    fits = [n for n in doubled(samples) if trial.fixed + n * each <= usable]
    for n in reversed(fits):
        if trial.step.wall * n / trial.batch > PATIENCE:
            return {"fitting_batch": n, "tried": False}
        if tried.fits(n, usable):
            return {"fitting_batch": n, "tried": True}
    return {"fitting_batch": 0, "tried": False}


def doubled(samples: int) -> list[int]:
    """1, 2, 4 and so on, up to the training samples."""
    return [2**i for i in range(LARGEST.bit_length()) if 2**i <= min(LARGEST, max(1, samples))]


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

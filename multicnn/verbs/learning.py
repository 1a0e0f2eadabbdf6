"""Learning curve: a run a share of the training part, and what more samples would bring."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from multicnn.errors import UsageError
from multicnn.insight.learning import LEAST, Curve, Point, fit, trendless
from multicnn.insight.plots import learning_curve
from multicnn.train.run import CURVE, RunFolder, create, read_json
from multicnn.train.settings import TrainSettings
from multicnn.train.voice import Silent, Voice
from multicnn.verbs.evaluate import evaluate
from multicnn.verbs.layers import Tables, overlay, resolve
from multicnn.verbs.modality import Modality
from multicnn.verbs.train import check_place, plain, train
from multicnn.verbs.trained import load

TIMES = (2, 4)  # as many training samples as there are
UNBOUNDED = "sdr"  # in the names of metrics that have no best value
STEPS = 60  # of the drawn line


@dataclass(frozen=True)
class Measured:
    """A run, its share of the training part in per cent, and its score on the validation part.

    monitor: the metric, after a `-` where lower is better.  test: all metrics there, of the whole training part alone.
    """

    share: float
    repeat: int
    run: str
    monitor: str
    point: Point
    test: dict[str, float] | None

    def record(self) -> dict[str, Any]:
        """As JSON says it."""
        p = self.point
        return {"share": self.share, "repeat": self.repeat, "run": self.run, "n": p.n, "score": p.score,
                "interval": [p.low, p.high]}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What to train: settings in their layers, and how often."""

    modality: Modality
    shares: Sequence[float]
    repeats: int
    config: Tables
    flags: Tables
    sets: Tables


def learn(asked: Asked, *, out: Path | None, overwrite: bool, voice: Voice) -> dict[str, Any]:
    """Train on nested shares (per cent) of the training part, below one folder; write curve.json and curve.png.

    All runs are measured on the same validation part, by the metric that picks their epochs. The test part is seen by
    the runs on the whole training part alone, and no fit knows of it. repeats: runs a share, each with other samples
    of it and another seed.
    """
    check(asked.shares, asked.repeats)
    known = resolve({}, asked.config, asked.flags, asked.sets, asked.modality.augments)
    source = known["data"].get("source") or asked.modality.kind(known["task"].get("name")).default_data
    if known["data"].get("val") == 0:
        raise UsageError("--val 0: a learning curve is measured on the validation part; give it a share")
    check_place(source, out, overwrite)
    name = f"{asked.modality.name}-{plain(Path(source).stem)}-curve"
    parent = create(name, out, overwrite=overwrite)
    try:
        found = [*runs(asked, parent, known["train"].get("seed", TrainSettings.seed), voice)]
    except BaseException:
        with suppress(OSError):
            parent.path.rmdir()  # only where not even the first run began
        raise
    result = told(parent, found)
    for line in lines(result):
        voice.say(line)
    return result


def runs(asked: Asked, parent: RunFolder, seed: int, voice: Voice) -> Iterator[Measured]:
    """Train and measure every share, as often as asked."""
    shares = [share / 100 for share in asked.shares]
    for repeat in range(1, asked.repeats + 1):
        for number, share in enumerate(asked.shares, start=1):
            voice.say(f"{share:g} % of the training part, run {repeat} of {asked.repeats}")
            draw = seed + repeat - 1
            own = {"data": {"seed": seed, "shares": shares, "share": number, "draw": draw}, "train": {"seed": draw}}
            folder, summary = train(
                asked.modality, config=asked.config, flags=asked.flags, sets=overlay(asked.sets, own),
                out=parent.path / f"share-{share:g}-{repeat}", overwrite=False, require=None, voice=voice,
            )  # fmt: skip
            yield measured(asked.modality, folder, summary, share, repeat)


def told(parent: RunFolder, found: Sequence[Measured]) -> dict[str, Any]:
    """Fit the curve, draw it, and write all to curve.json, whose content is returned."""
    monitor, points = found[0].monitor, [m.point for m in found]
    metric = monitor.removeprefix("-")
    curve = fit(points, lower_is_better=monitor.startswith("-"), bounded=UNBOUNDED not in metric)
    reason = refusal(points, curve)
    curve = None if reason else curve
    tests = [m.test[metric] for m in found if m.test]
    test = {"score": sum(tests) / len(tests), "runs": len(tests)} if tests else None
    result = {"run": str(parent.path), "metric": metric, "part": "val", "points": [m.record() for m in found],
              **forecast(curve, max(p.n for p in points)), "reason": reason or None, "test": test}  # fmt: skip
    parent.write_json(parent.path / CURVE, result)
    draw(parent, metric, points, curve)
    return result


def check(shares: Sequence[float], repeats: int) -> None:
    """Raises UsageError for shares and repeats that cannot be."""
    if not shares or any(not 0 < s <= 100 for s in shares) or [*shares] != sorted(set(shares)):
        raise UsageError(
            f"--shares {','.join(f'{s:g}' for s in shares)}: give per cents in ascending order, such as 10,25,50,100"
        )
    if repeats < 1:
        raise UsageError(f"--repeats {repeats}: give 1 at least")


def measured(modality: Modality, folder: RunFolder, summary: dict[str, Any], share: float, repeat: int) -> Measured:
    """What a run has on the validation part; one that was measured on the test part is asked again."""
    trained = load(folder, modality)
    whole = summary["split"] == "test"
    if whole:
        evaluate(trained, None, "val", Silent())
    found = read_json(folder.evaluation / "val.json")
    key = trained.task.monitor.removeprefix("-")
    value = found["loss"] if key == "loss" else found["metrics"][key]
    point = Point(read_json(folder.data)["parts"]["train"]["n"], value, *found["intervals"][key])
    test = {**summary["metrics"], "loss": summary["loss"]} if whole else None
    return Measured(share, repeat, str(folder.path), trained.task.monitor, point, test)


def refusal(points: Sequence[Point], curve: Curve | None) -> str:
    """Why nothing is forecast; empty where something is."""
    if curve is None:
        return f"{len({p.n for p in points})} numbers of samples, and {LEAST} are needed; give more --shares"
    why = trendless(points, curve)
    return f"there is no trend that could be continued: {why}" if why else ""


def forecast(curve: Curve | None, n: int) -> dict[str, Any]:
    """The fitted law, and what it says of the data there are and of twice and four times as many.

    gain: against what was measured with all data, not against what the law says of them.
    """
    if curve is None:
        return {"fit": None, "forecast": []}
    law = {"limit": curve.top + curve.sign * float(curve.limit[0]), "exponent": float(curve.exponent[0]),
           "scale": curve.sign * float(curve.scale[0] * curve.unit ** curve.exponent[0])}  # fmt: skip
    said = []
    for times in (1, *TIMES):
        value, low, high = curve.score(times * n)
        gain, least, most = curve.gain(times * n)
        said.append({"times": times, "n": times * n, "score": value, "range": [low, high], "gain": gain,
                     "gain_range": [least, most]})  # fmt: skip
    return {"fit": law, "forecast": said}


def draw(parent: RunFolder, metric: str, points: Sequence[Point], curve: Curve | None) -> None:
    """Write curve.png."""
    least, most = min(p.n for p in points), max(p.n for p in points)
    at = [least * (TIMES[-1] * most / least) ** (i / STEPS) for i in range(STEPS + 1)] if curve else []
    line = [(n, *curve.score(n)) for n in at] if curve else []
    learning_curve(parent.path / "curve.png", metric, points, line)


def lines(found: dict[str, Any]) -> list[str]:
    """For a person."""
    metric = found["metric"]
    told = [f"  share  samples  {metric} on val"]
    for p in found["points"]:
        low, high = p["interval"]
        told.append(f"  {p['share']:4g}%  {p['n']:7,}  {p['score']:.4f}   95 % interval {low:.4f} to {high:.4f}")
    if found["test"]:
        told.append(f"  on test, from the whole training part: {found['test']['score']:.4f}")
    if found["reason"]:
        return [*told, f"no forecast: {found['reason']}", f"run: {found['run']}"]
    law = found["fit"]
    sign = "+" if law["scale"] >= 0 else "-"
    told.append(f"fitted: {metric} = {law['limit']:.4f} {sign} {abs(law['scale']):.4g} n^-{law['exponent']:.3f}")
    for f in found["forecast"]:
        if f["times"] == 1:
            continue
        (low, high), (least, most) = f["range"], f["gain_range"]
        told.append(
            f"  {f['times']} times the data ({f['n']:,}): {f['score']:.4f} ({low:.4f} to {high:.4f}), "
            f"{f['gain']:+.4f} ({least:+.4f} to {most:+.4f})"
        )
    return [*told, f"run: {found['run']}"]

"""A run as an object: what `train` gives back and `load` finds again."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from inspect import Parameter, Signature
from pathlib import Path
from typing import Any

import numpy as np

from multicnn.errors import UsageError
from multicnn.flags import flags_of, tables
from multicnn.train.run import RunFolder, read_json, read_model
from multicnn.train.voice import Silent, Voice
from multicnn.verbs import evaluate as evaluating
from multicnn.verbs import export as exporting
from multicnn.verbs import predict as predicting
from multicnn.verbs import report as reporting
from multicnn.verbs import train as training
from multicnn.verbs.abstain import Abstention, abstention
from multicnn.verbs.compare import compare
from multicnn.verbs.explain import Explained, Explainer, explain
from multicnn.verbs.explained import write_gallery
from multicnn.verbs.features import features, featuring
from multicnn.verbs.inputs import gather
from multicnn.verbs.layers import read_config, read_written
from multicnn.verbs.modality import Modality, Outcome, Prediction
from multicnn.verbs.plan import plan_run
from multicnn.verbs.trained import Trained, load

LONGEST_NAME = 255  # characters that a file's name can have


class Run:
    """A trained run: its folder, its metrics, its network."""

    def __init__(
        self,
        folder: RunFolder,
        modality: Modality,
        *,
        device: str = "auto",
        voice: Voice | None = None,
        task: Mapping[str, Any] | None = None,
    ):
        self.folder, self.modality, self.device, self.voice = folder, modality, device, voice or Silent()
        self.task = dict(task or {})

    def __repr__(self) -> str:
        return f"Run({str(self.folder.path)!r})"

    @property
    def path(self) -> Path:
        return self.folder.path

    @cached_property
    def trained(self) -> Trained:
        """The network with its best weights."""
        return load(self.folder, self.modality, device=self.device, settings=self.task)

    @property
    def measured(self) -> dict[str, Any]:
        """All of evaluation/test.json, or of val.json where there is no test part."""
        parts = [self.folder.evaluation / f"{part}.json" for part in ("test", "val")]
        return read_json(next((p for p in parts if p.exists()), parts[0]))

    @property
    def metrics(self) -> dict[str, float]:
        """On the test part, or on the validation part where there is no test."""
        found = self.measured
        return {**found["metrics"], "loss": found["loss"]}

    @property
    def intervals(self) -> dict[str, list[float]]:
        """The 95 % interval of each metric, by the bootstrap."""
        return self.measured["intervals"]

    @property
    def baselines(self) -> dict[str, dict[str, float]]:
        """The metrics of simple learners on the test part, by their names."""
        return self.measured.get("baselines", {})

    @property
    def history(self) -> list[dict[str, Any]]:
        """An entry an epoch: step, rate, losses, metrics, seconds."""
        return [json.loads(line) for line in self.folder.metrics.read_text(encoding="utf-8").splitlines()]

    @property
    def parameters(self) -> int:
        """How many numbers training may change."""
        return read_model(self.folder)["parameters"]

    @property
    def item_column(self) -> str | None:
        """The column of a table that training was told to read the samples from."""
        return read_written(self.folder.config, self.modality.name).get("data", {}).get("item_column")

    @property
    def reader(self) -> str:
        """The name of what reads its samples."""
        return read_model(self.folder)["reader"]

    @property
    def outcome(self) -> Outcome:
        """How its answers are shown; needs no weights."""
        return self.modality.kind(read_model(self.folder)["task"]).outcome

    @property
    def classes(self) -> Sequence[str]:
        return read_model(self.folder)["classes"]

    def predict(
        self,
        inputs: Any,
        *,
        tta: bool | Sequence[str] = False,
        every: float | None = None,
        threshold: float | None = None,
        abstain: float | None = None,
    ) -> list[Prediction]:
        """Answers for one input or a list of them: paths of files, folders and tables, arrays; for texts, strings.

        For a model of texts a string is a text, and a file is a `pathlib.Path`. tta: test-time augmentation, by the
        views that suit the run, or by their names (flip, shift). every, threshold: of what is found in long sounds,
        see `multicnn.audio.spotting`. abstain: precision wanted of the answers, for which the others are held back, see
        `abstaining`.
        """
        net = self.seeing(tta).spotting(every=every, threshold=threshold)
        rule = None if abstain is None else self.abstaining(abstain, tta=tta)
        found = predicting.predict(net, self._items(inputs), self.voice)
        return found if rule is None else [rule.hold(p) for p in found]

    def abstaining(self, precision: float, *, tta: bool | Sequence[str] = False) -> Abstention:
        """Which answers are sure enough for a precision, by the validation part. Raises UsageError where none is."""
        if self.task:
            raise UsageError(
                f"--abstain: its threshold is of the run's own settings; leave out --set task.{next(iter(self.task))}"
            )
        return abstention(self.folder, read_model(self.folder), precision, self._views(tta))

    def features(self, inputs: Any, *, tta: bool | Sequence[str] = False) -> np.ndarray:
        """The vectors that the network answers from, for other learners; inputs and tta as in `predict`.

        Raises DataError for what cannot be read, and UsageError for a task that answers otherwise than once a sample.
        -> n d, float32
        """
        net = featuring(self.trained).seeing(self._views(tta))
        found, bad = features(net, self._items(inputs), self.voice)
        for reason in bad.values():
            raise reason
        return found

    def explain(
        self,
        inputs: Any,
        *,
        method: str | None = None,
        class_: str | None = None,
        level: int | None = None,
        top: int = 1,
        out: str | Path | None = None,
        overwrite: bool = False,
    ) -> list[Explained]:
        """What in each input the net goes by; inputs as in `predict`.

        method, level: see `multicnn.insight.explain`. class_: that is asked about; what the net is surest of, if none
        is given. top: how many classes of an input. out: a folder for pictures, a page and the numbers; nothing is
        written unless it is named.
        """
        explainer = self.explainer(method=method, class_=class_, level=level, top=top)
        items = self._items(inputs)
        if out is None:
            return list(explain(explainer, items, self.voice))
        return write_gallery(explainer, items, Path(out), self.voice, overwrite=overwrite).found

    def explainer(self, *, method: str | None, class_: str | None, level: int | None, top: int) -> Explainer:
        """The net as it says why."""
        return Explainer(self.trained, method=method, classes=[class_] if class_ else [], level=level, top=top)

    def _items(self, inputs: Any) -> list[tuple[str, Any]]:
        """What is asked about, by name."""
        items = []
        for number, item in enumerate(inputs if isinstance(inputs, list | tuple) else [inputs], start=1):
            if isinstance(item, Path) or (isinstance(item, str) and self.modality.item == "path"):
                items += gather(self.modality, [str(item)], [], self.item_column, self.reader)
            else:
                items.append((f"item {number}", self._text(item)))
        return items

    def _text(self, item: Any) -> Any:
        """The item itself. Raises UsageError for a string that names a file, which may be meant as one."""
        if isinstance(item, str) and len(item) < LONGEST_NAME and Path(item).suffix and Path(item).is_file():
            raise UsageError(f"{item!r} is a text here, and a file of that name exists; give pathlib.Path({item!r})")
        return item

    def evaluate(
        self, data: str | Path | None = None, *, split: str = "test", tta: bool | Sequence[str] = False
    ) -> dict[str, Any]:
        """Measure on a part of the run's own data, or on other labelled data. tta: as in `predict`."""
        views = self._views(tta)
        return evaluating.evaluate(
            self.trained, None if data is None else str(data), split, self.voice, views, self.task
        )

    def seeing(self, tta: bool | Sequence[str]) -> Trained:
        """The network, asked several views of each sample. Raises UsageError where its answers have no mean."""
        return self.trained.seeing(self._views(tta))

    def _views(self, tta: bool | Sequence[str]) -> Sequence[str]:
        if not tta:
            return ()
        usual = self.trained.views
        return usual if tta is True else tta

    def report(self, slices: Sequence[str] = (), *, out: str | Path | None = None, overwrite: bool = False) -> Path:
        """Write the page that tells all about the run, as training did; returns its place, report.html of the run.

        slices: columns of the data, or label, or group, by which results are told apart.  out: another place.
        """
        place = Path(out) if out else None
        return reporting.report(
            self.folder, self.modality, slices, place, self.voice, overwrite=overwrite, device=self.device
        )

    def compare(self, other: "Run") -> dict[str, Any]:
        """Both runs' metrics on the same test samples, with the interval of the difference (other - this)."""
        return compare(self.folder, other.folder)

    def plan(self, *, silence: Sequence[str] = ()) -> dict[str, Any]:
        """What its training costs on this machine: parameters, operations, layers, memory, time; and advice.

        silence: rules of advice to leave out.
        """
        return plan_run(self.modality, self.folder, self.voice, silence=silence)

    def export(
        self, out: str | Path | None = None, *, format: str = "onnx", int8: bool = False, overwrite: bool = False
    ) -> exporting.Exported:
        """Write it as a folder that answers without multicnn and torch; RUN/export unless `out` names another.

        format: onnx or torch. int8: 8-bit weights and activations. Raises DataError where its answers are others.
        """
        place = None if out is None else Path(out)
        return exporting.export(self.trained, place, self.voice, form=format, int8=int8, overwrite=overwrite)

    def resume(self) -> "Run":
        """Train on from the last saved state."""
        training.resume(self.modality, self.folder, self.voice)
        return Run(self.folder, self.modality, device=self.device, voice=self.voice, task=self.task)


def trainer(modality: Modality) -> Callable[..., Run]:
    """The function `train` of a modality; its keywords are the flags of the command line."""

    def train(
        data: str | Path | None = None,
        *,
        out: str | Path | None = None,
        overwrite: bool = False,
        config: str | Path | None = None,
        settings: Mapping[str, Any] | None = None,
        require: str | None = None,
        voice: Voice | None = None,
        **flags: Any,
    ) -> Run:
        """Train and measure a network; returns the run.

        data: folder, table file or built-in name.  out: run folder.  config: a run's config.toml to replay.
        settings: tables of any setting, as in config.toml.  require: `metric>=x`.  voice: hears what is going on.
        The other keywords are the flags of `multicnn ... train`, with underscores.
        """
        found = tables(modality.name, flags)
        if data is not None:
            found.setdefault("data", {})["source"] = str(data)
        folder, _ = training.train(
            modality,
            config=read_config(Path(config), modality.name) if config else {},
            flags=found,
            sets={k: dict(v) for k, v in (settings or {}).items()},
            out=Path(out) if out else None,
            overwrite=overwrite,
            require=require,
            voice=voice or Silent(),
        )
        return Run(folder, modality, voice=voice)

    own = [p for p in Signature.from_callable(train).parameters.values() if p.name != "flags"]
    named = [Parameter(n.replace("-", "_"), Parameter.KEYWORD_ONLY, default=None) for n in flags_of(modality.name)]
    train.__signature__ = Signature([*own, *named], return_annotation=Run)  # pyright: ignore[reportFunctionMemberAccess]
    return train

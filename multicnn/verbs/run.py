"""A run as an object: what `train` gives back and `load` finds again."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from inspect import Parameter, Signature
from pathlib import Path
from typing import Any

from multicnn.flags import flags_of, tables
from multicnn.train.run import RunFolder, read_json
from multicnn.train.voice import Silent, Voice
from multicnn.verbs import evaluate as evaluating
from multicnn.verbs import predict as predicting
from multicnn.verbs import train as training
from multicnn.verbs.compare import compare
from multicnn.verbs.inputs import gather
from multicnn.verbs.layers import read_config, read_sets
from multicnn.verbs.modality import Modality
from multicnn.verbs.predict import Prediction
from multicnn.verbs.trained import Trained, load


class Run:
    """A trained run: its folder, its metrics, its network."""

    def __init__(self, folder: RunFolder, modality: Modality, *, device: str = "auto", voice: Voice | None = None):
        self.folder, self.modality, self.device, self.voice = folder, modality, device, voice or Silent()

    def __repr__(self) -> str:
        return f"Run({str(self.folder.path)!r})"

    @property
    def path(self) -> Path:
        return self.folder.path

    @cached_property
    def trained(self) -> Trained:
        """The network with its best weights."""
        return load(self.folder, self.modality, device=self.device)

    @property
    def metrics(self) -> dict[str, float]:
        """On the test part, or on the validation part where there is no test."""
        parts = [self.folder.evaluation / f"{part}.json" for part in ("test", "val")]
        found = read_json(next((p for p in parts if p.exists()), parts[0]))
        return {**found["metrics"], "loss": found["loss"]}

    @property
    def classes(self) -> Sequence[str]:
        return read_json(self.folder.model)["classes"]

    def predict(self, inputs: str | Path | Sequence[Any]) -> list[Prediction]:
        """Answers for files, folders and tables; for texts, strings that are no paths are texts themselves."""
        given = [inputs] if isinstance(inputs, str | Path) else list(inputs)
        items = []
        for item in given:
            if isinstance(item, str | Path) and (self.modality.item == "path" or _exists(item)):
                items += gather(self.modality, [str(item)], [])
            else:
                items.append((str(item)[:80] if isinstance(item, str) else f"item {len(items) + 1}", item))
        return predicting.predict(self.trained, items, self.voice)

    def evaluate(self, data: str | Path | None = None, *, split: str = "test") -> dict[str, Any]:
        """Measure on a part of the run's own data, or on other labelled data."""
        return evaluating.evaluate(self.trained, None if data is None else str(data), split, self.voice)

    def compare(self, other: "Run") -> dict[str, Any]:
        """Both runs' metrics on the same test samples, with the interval of the difference (other - this)."""
        return compare(self.folder, other.folder)

    def resume(self) -> "Run":
        """Train on from the last saved state."""
        training.resume(self.modality, self.folder, self.voice)
        return Run(self.folder, self.modality, device=self.device, voice=self.voice)


def _exists(item: str | Path) -> bool:
    try:
        return Path(item).expanduser().exists()
    except OSError:  # a text too long for a file's name
        return False


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


__all__ = ["Run", "read_sets", "trainer"]

"""Text classifiers that look like scikit-learn's, for its pipelines, grids and cross-validations."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state, column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from multicnn.text import MODALITY, train
from multicnn.train.run import RunFolder, write_bytes
from multicnn.train.voice import Silent
from multicnn.verbs.features import features, featuring
from multicnn.verbs.predict import predict
from multicnn.verbs.run import Run
from multicnn.verbs.trained import Trained, load

SEEDS = 2**31 - 1
KEPT = ("model.json", "config.toml", "weights/best.safetensors")  # of a run, what answers


class TextCNNClassifier(ClassifierMixin, BaseEstimator):
    """A network that `multicnn text train` would train, fitted on a list of texts.

    Everything left at None is what training takes by default for such texts. model, frontend, vectors, epochs,
    batch_size, lr, weight_decay: as the flags of those names. validation_fraction: share of the texts by which the best
    epoch is chosen; 0 learns from all, and takes the last. settings: tables of any other setting, such as
    `{"model": {"kernels": [2, 3]}}`; precision is fp32 unless they say otherwise, as a choice by speed would make
    random_state mean less. device: auto, cpu, cuda. random_state: a number, a RandomState, or None for
    another network each time. run_folder: where the run is kept, with its log and files; None keeps none.
    """

    _loaded: Trained | None = None

    def __init__(
        self,
        *,
        model: str | None = None,
        frontend: str | None = None,
        vectors: str | None = None,
        epochs: int | None = None,
        batch_size: int | None = None,
        lr: float | None = None,
        weight_decay: float | None = None,
        validation_fraction: float = 0.0,
        settings: Mapping[str, Mapping[str, Any]] | None = None,
        device: str = "auto",
        random_state: Any = None,
        run_folder: str | None = None,
    ):
        self.model = model
        self.frontend = frontend
        self.vectors = vectors
        self.epochs = epochs
        self.batch_size = batch_size
        self.lr = lr
        self.weight_decay = weight_decay
        self.validation_fraction = validation_fraction
        self.settings = settings
        self.device = device
        self.random_state = random_state
        self.run_folder = run_folder

    def fit(self, X: Sequence[str], y: Sequence[Any]) -> Self:
        """Train on texts and their classes. Raises ValueError for what is no text, and for fewer than two classes."""
        texts, y = strings(X), column_or_1d(y, warn=True)
        if len(texts) != len(y):
            raise ValueError(f"X has {len(texts)} texts and y {len(y)} classes; give as many")
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"y has one class only, {self.classes_[:1].tolist()}; give at least two")
        with TemporaryDirectory() as folder:
            table = Path(folder) / "texts.jsonl"
            rows = zip(texts, codes.tolist(), strict=True)
            lines = [json.dumps({"text": text, "label": f"class {code}"}) for text, code in rows]
            table.write_text("\n".join(lines) + "\n", encoding="utf-8")
            run = self._train(table, Path(self.run_folder or Path(folder) / "run"))
            self.files_ = {name: (run.path / name).read_bytes() for name in KEPT}
        self._loaded = None
        return self

    def _train(self, table: Path, folder: Path) -> Run:
        return train(
            table,
            out=folder,
            settings=self.settings,
            model=self.model,
            frontend=self.frontend,
            vectors=self.vectors,
            epochs=self.epochs,
            batch_size=self.batch_size,
            lr=self.lr,
            weight_decay=self.weight_decay,
            precision=None if "precision" in (self.settings or {}).get("train", {}) else "fp32",
            val=self.validation_fraction,
            test=0,
            device=self.device,
            seed=int(check_random_state(self.random_state).randint(SEEDS)),
        )

    def predict_proba(self, X: Sequence[str]) -> np.ndarray:
        """The probability of each of `classes_`.  n texts -> n k"""
        check_is_fitted(self)
        net, items = self._trained(), named(X)
        out = np.zeros((len(items), len(self.classes_)))
        column = [int(name.removeprefix("class ")) for name in net.classes]
        for row, found in zip(out, predict(net, items, Silent()), strict=True):
            row[column] = list(found.record()["probabilities"].values())
        return out

    def predict(self, X: Sequence[str]) -> np.ndarray:
        """The likeliest of `classes_`.  n texts -> n"""
        chances = self.predict_proba(X)
        return self.classes_[chances.argmax(1)]

    def features(self, X: Sequence[str]) -> np.ndarray:
        """The vectors that the network answers from.  n texts -> n d, float32"""
        check_is_fitted(self)
        return features(featuring(self._trained()), named(X), Silent())[0]

    def _trained(self) -> Trained:
        """The network, read from the files that `fit` kept, as a run's is from its folder."""
        if self._loaded is None:
            with TemporaryDirectory() as folder:
                for name, content in self.files_.items():
                    write_bytes(Path(folder) / name, content)
                self._loaded = load(RunFolder(Path(folder)), MODALITY, device=self.device)
        return self._loaded

    def __getstate__(self) -> dict[str, Any]:
        """Without the network, which the kept files make again."""
        state: Any = super().__getstate__()
        return {**state, "_loaded": None}

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string, tags.input_tags.one_d_array, tags.input_tags.two_d_array = True, True, False
        tags.classifier_tags.multi_label = False
        return tags


def strings(texts: Any) -> list[str]:
    """Texts as a list. Raises ValueError for one text alone, and naming the first that is no string or holds zeros."""
    if isinstance(texts, str):
        raise ValueError("X is one text; give a list of texts")
    found = list(texts)
    for place, text in enumerate(found):
        if not isinstance(text, str):
            raise ValueError(f"X[{place}] is of type {type(text).__name__}; give texts as strings")
        if "\0" in text:
            raise ValueError(f"X[{place}] holds zero bytes; give texts")
    return [str(text) for text in found]


def named(texts: Any) -> list[tuple[str, Any]]:
    """Texts as `predict` takes them, with their places for names."""
    return [(str(place), text) for place, text in enumerate(strings(texts))]

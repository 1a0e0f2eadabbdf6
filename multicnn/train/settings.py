"""How to train: every number of the loop, with its unit and its default."""

from dataclasses import dataclass
from math import isfinite

from multicnn.errors import UsageError
from multicnn.names import find
from multicnn.train.optim import OPTIMIZERS
from multicnn.train.schedule import SCHEDULES

DEVICES = ("auto", "cpu", "cuda", "mps")
PRECISIONS = {"auto": "auto", "fp32": "no", "bf16": "bf16", "fp16": "fp16"}  # ours -> accelerate's
SAMPLERS = {"shuffle": "every sample once an epoch", "balanced": "every class equally often"}


@dataclass(frozen=True, kw_only=True)
class TrainSettings:
    """Settings of the loop; its fields are the table [train] of a run's config.toml."""

    epochs: int = 20
    batch_size: int = 64  # samples the device holds at once, over all processes
    budget: int = 0  # words or other steps that a batch may hold, its padding too: long samples come fewer; 0: any
    accumulate: int = 1  # such batches to a step of the optimizer
    optimizer: str = "adamw"  # adamw, sgd or muon
    lr: float = 1e-3  # peak, after warm-up
    weight_decay: float = 0.05
    warmup: float = 0.1  # share of the run in which lr climbs from 0
    schedule: str = "cosine"  # or linear: how lr falls to 0 after that
    weights: str = ""  # file to start from, or imagenet; none: from scratch
    freeze: str = "none"  # backbone, or how many of the body's first parts stay as they are
    thaw: int = 0  # epochs after which one more frozen part learns, the last first; 0: never
    body_rate: float = 1.0  # share of lr for the body, below 1 for one that has learnt already
    clip: float = 1.0  # largest norm of the gradient; 0: none
    ema: float = 0.99  # decay a step of the averaged weights that are evaluated and kept; 0: none
    lookahead: bool = False  # every 5 steps, go back halfway to the weights of the last time
    patience: int = 10  # epochs without a better metric before the run stops; 0: never
    time: float = 0.0  # seconds the training may take; 0: no limit
    sampler: str = "shuffle"  # or balanced
    precision: str = "auto"  # fp32, bf16, fp16; auto measures
    device: str = "auto"  # cpu, cuda, cuda:1, mps
    compile: bool = False  # torch.compile; slower on CPU
    workers: int = 0  # threads that decode files; 0: one a core
    checkpoint: float = 60.0  # seconds between saved states within an epoch
    seed: int = 0

    def __post_init__(self) -> None:
        find("optimizer", OPTIMIZERS, self.optimizer)
        find("precision", PRECISIONS, self.precision)
        find("sampler", SAMPLERS, self.sampler)
        find("schedule", SCHEDULES, self.schedule)
        find("device", dict.fromkeys(DEVICES), self.device.split(":")[0])
        for key in ("lr", "weight_decay", "warmup", "clip", "ema", "time", "checkpoint", "body_rate"):
            _finite(key, getattr(self, key))
        for key in ("epochs", "batch_size", "accumulate"):
            _least(key, getattr(self, key), 1)
        for key in (
            "budget",
            "weight_decay",
            "clip",
            "patience",
            "time",
            "checkpoint",
            "workers",
            "seed",
            "thaw",
            "body_rate",
        ):
            _least(key, getattr(self, key), 0)
        if self.seed >= 2**32:
            raise UsageError(f"train.seed is {self.seed}; it must be below 2**32")
        if not self.lr > 0:
            raise UsageError(f"train.lr is {self.lr}; it must be above 0")
        for key in ("warmup", "ema"):
            if not 0 <= getattr(self, key) < 1:
                raise UsageError(f"train.{key} is {getattr(self, key)}; it must be at least 0 and below 1")


def _finite(key: str, value: float) -> None:
    if not isfinite(value):
        raise UsageError(f"train.{key} is {value}; it must be a finite number")


def _least(key: str, value: float, least: int) -> None:
    if not value >= least:
        raise UsageError(f"train.{key} is {value}; it must be at least {least}")

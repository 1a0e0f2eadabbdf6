"""A graph with 8-bit weights and activations, whose ranges are measured on training samples."""

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from multicnn.insight.export.graph import INPUT, quiet
from multicnn.insight.export.runtime import library

LAYERS = ("Conv", "Gemm", "ConvTranspose")  # whose weights become 8-bit; spectra and vectors stay as they are


class Feed:
    """Raw batches, one by one, as onnxruntime's calibration asks for them."""

    def __init__(self, batches: Sequence[np.ndarray]):
        self.batches: Iterator[np.ndarray] = iter(batches)

    def get_next(self) -> dict[str, np.ndarray] | None:
        """The next one, None behind the last."""
        batch = next(self.batches, None)
        return None if batch is None else {INPUT: batch}


def quantise(path: Path, out: Path, batches: Sequence[np.ndarray]) -> None:
    """Write the 8-bit graph of the one at `path`; each weight's channel and each activation has a scale of its own."""
    quantization = library("onnxruntime.quantization")
    level = logging.root.level
    logging.root.setLevel(logging.ERROR)  # it advises on the root logger
    try:
        with quiet():
            quantization.quantize_static(path, out, Feed(batches), op_types_to_quantize=LAYERS, per_channel=True)
    finally:
        logging.root.setLevel(level)

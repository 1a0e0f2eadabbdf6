"""What a modality's reader promises: one raw item in, one array out, in training as in prediction."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np


class Reader(Protocol):
    """Decodes one item (a path, a text, an array) into the array that the store keeps.

    dtype: of that array.  shape: of that array, or None where samples differ in length along their first axis, which
    is their only one unless the reader is `InCells`.
    window: length that a net is given of samples that differ, or None for each sample's own length, rounded up to
    `quantum` or to the next of such lengths.  said: what planning decided or found, for the user.  Raises DataError
    naming the item and the reason.
    """

    @property
    def dtype(self) -> np.dtype: ...

    @property
    def shape(self) -> tuple[int, ...] | None: ...

    @property
    def window(self) -> int | None: ...

    @property
    def quantum(self) -> int | Sequence[int]: ...

    @property
    def said(self) -> tuple[str, ...]: ...

    def __call__(self, item: Any) -> np.ndarray: ...

    def files(self, item: Any) -> Sequence[str]:
        """The files that an item is read from; none for what is in memory."""
        ...

    def settings(self) -> dict[str, Any]:
        """Plain values that rebuild this reader: `type(reader)(**reader.settings())`."""
        ...


@runtime_checkable
class InCells(Protocol):
    """A reader of samples that differ in length and hold several numbers in each step."""

    @property
    def cell(self) -> tuple[int, ...]:
        """The shape of one step."""
        ...


def cell(reader: Reader) -> tuple[int, ...]:
    """The shape of one step of the samples that differ in length; () where a step is one number."""
    return reader.cell if isinstance(reader, InCells) else ()


def blank(dtype: np.dtype) -> float:
    """What stands behind the end of a sample that is shorter than its batch: no number at all, where there is one."""
    return float("nan") if dtype.kind == "f" else 0


@runtime_checkable
class Lengthwise(Protocol):
    """A reader of answers along their samples: `width` numbers a step, see `multicnn.data.along`."""

    @property
    def width(self) -> int: ...


@runtime_checkable
class InPieces(Protocol):
    """A reader that takes large samples piece by piece, and so answers for them in little memory."""

    def pieces(self, item: Any) -> Iterator[np.ndarray]:
        """The arrays that cover an item, overlapping, all of the reader's shape if it has one."""
        ...


@runtime_checkable
class Growing(Protocol):
    """A reader of texts that knows more words than training had: those of a file of vectors.

    Its front-end has `meet(reader)`, which takes the vectors of the words that the reader has met.
    """

    def met(self, items: Iterable[Any]) -> Reader:
        """The same reader, or one that numbers the new words of some items too, behind all others."""
        ...

    def lost(self) -> str:
        """Why it cannot meet new words any more, in a sentence; "" where it can, or never could."""
        ...

"""Features that are sums over n-grams of a line, such as words: which n-grams, and what each of their words adds."""

from typing import NamedTuple, Protocol, runtime_checkable

from torch import Tensor


class Ngrams(NamedTuple):
    """Some neighbouring features of a body's last level, each the sum of m numbers that come of one n-gram each.

    size: cells of an n-gram.  begin: its first one, which may lie outside the line, as may all of them.  value: what it
    adds to the feature.  words: what each of its cells adds to that; the rest comes of a bias.
    begin, value: b f m.  words: b f m size
    """

    size: int
    begin: Tensor
    value: Tensor
    words: Tensor


@runtime_checkable
class ByNgrams(Protocol):
    """A body whose last level is a vector of such features."""

    def ngrams(self, x: Tensor) -> list[Ngrams]:
        """All features of it in their order.  b c_in t ->"""
        ...

"""How large the samples of a set are, and how much of that a net is given."""

from typing import NamedTuple

import numpy as np


class Sizes(NamedTuple):
    """given: (n, a) of samples as they come: pixels high and wide, seconds, or words.  read: (a,) of what a net gets.

    Both empty where samples have no such size.
    """

    given: np.ndarray = np.zeros((0, 0))
    read: tuple[float, ...] = ()

"""What a modality measures of each sample for the checks."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from multicnn.insight.audit.near import Prints


class Flaw(NamedTuple):
    """Samples that have something wrong with them alone.

    rows: of the table.  what: that they are with, such as "silence throughout".  fix: as that of a finding.
    """

    check: str
    severity: str
    rows: np.ndarray
    what: str
    fix: str = ""


class Fingerprint(NamedTuple):
    """What is measured of n samples.

    same: (n,) uint64, equal where samples are the same to a net.  prints: what tells near ones.  numbers: (n,) by name
    and unit, such as "seconds"; nan where one is not known.  flaws: what is wrong with single samples.
    """

    same: np.ndarray
    prints: Prints
    numbers: Mapping[str, np.ndarray]
    flaws: Sequence[Flaw] = ()

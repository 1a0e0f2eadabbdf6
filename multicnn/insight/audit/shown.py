"""Classes and their prototypes on the audit's page."""

from collections.abc import Callable

import numpy as np

from multicnn.insight.audit.fris import compactness
from multicnn.insight.audit.judged import Judged, Likeness
from multicnn.insight.audit.mislabelled import mislabelled
from multicnn.insight.page import Html, card, gallery, paragraph, section, table

EACH = 3  # prototypes of a class that the page shows
MOST = 30  # prototypes in all
NOTE = (
    "S of a sample is (r' - r) / (r' + r), r its distance on the network's features to the nearest sample of its "
    "class, r' to the nearest of any other: 1 typical, 0 between two classes, below 0 nearer to another class. "
    "Compactness is the mean S of a class. A prototype stands for the samples of its class that are more like it than "
    "like any other class (FRiS-STOLP, Zagoruiko et al. 2008)."
)


def class_table(judged: Judged, like: Likeness, media: Callable[[str], Html]) -> Html:
    """How compact each class is, and the samples that stand for it. media: draws the sample of an id."""
    k = len(judged.classes)
    compact = compactness(like.rivals.s, judged.y, k)
    counts = np.bincount(judged.y, minlength=k)
    below = np.bincount(judged.y[like.rivals.s < 0], minlength=k)
    doubted = np.bincount(judged.y[mislabelled(judged.p, judged.y).rows], minlength=k)
    stand = np.bincount(judged.y[like.prototypes], minlength=k)
    rows = [
        [judged.classes[c], int(counts[c]), float(compact[c]), int(below[c]), int(doubted[c]), int(stand[c])]
        for c in range(k)
        if counts[c]
    ]
    columns = ["class", "samples", "compactness", "S below 0", "doubtful labels", "prototypes"]
    shown = _first(judged.y[like.prototypes], like.prototypes)
    cards = [card(media(judged.ids[r]), judged.classes[int(judged.y[r])], judged.ids[r]) for r in shown]
    return section("classes", table(columns, rows), paragraph(NOTE, kind="note"), gallery(cards))


def _first(y: np.ndarray, rows: np.ndarray) -> list[int]:
    """The first rows of each class, in the order of the classes."""
    each = max(1, min(EACH, MOST // max(1, len(np.unique(y)))))
    return [r for k in np.unique(y) for r in rows[y == k][:each].tolist()][:MOST]

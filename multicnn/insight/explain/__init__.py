"""Explain: what in a sample a net goes by, at any rank, and how far that can be believed."""

from collections.abc import Callable
from typing import NamedTuple

from multicnn.insight.explain.cams import cam, check_average, check_level, gradcam, gradcam_plus_plus, layercam
from multicnn.insight.explain.gradients import integrated_gradients
from multicnn.insight.explain.ngrams import check_exact, exact, ngrams
from multicnn.insight.explain.occlusion import occlusion
from multicnn.insight.explain.question import Heat, Method, Question
from multicnn.zoo.net import Net


class Way(NamedTuple):
    """A method.  check: raises UsageError for a net or a level that it is not for.  levels: whether it looks at one."""

    explain: Method
    check: Callable[[Net, int | None], object] = lambda net, level: None
    levels: bool = False


METHODS: dict[str, Way] = {
    "gradcam": Way(gradcam, check_level, True),
    "gradcam++": Way(gradcam_plus_plus, check_level, True),
    "layercam": Way(layercam, check_level, True),
    "cam": Way(cam, check_average, True),
    "integrated-gradients": Way(integrated_gradients),
    "occlusion": Way(occlusion),
    "ngrams": Way(ngrams, check_exact),
}


def usual(net: Net, otherwise: str) -> str:
    """The method that was most faithful on validation samples, see recipes/explain_faithful.py: the exact one for nets
    that have it, `otherwise` for others.
    """
    return "ngrams" if exact(net) else otherwise


__all__ = ["METHODS", "Heat", "Method", "Question", "Way", "usual"]

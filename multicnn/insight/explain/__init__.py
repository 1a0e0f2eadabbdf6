"""Explain: what in a sample a net goes by, at any rank, and how far that can be believed."""

from multicnn.insight.explain.cams import cam, gradcam, gradcam_plus_plus, layercam
from multicnn.insight.explain.gradients import integrated_gradients
from multicnn.insight.explain.ngrams import exact, ngrams
from multicnn.insight.explain.occlusion import occlusion
from multicnn.insight.explain.question import Heat, Method, Question
from multicnn.zoo.net import Net

METHODS: dict[str, Method] = {
    "gradcam": gradcam,
    "gradcam++": gradcam_plus_plus,
    "layercam": layercam,
    "cam": cam,
    "integrated-gradients": integrated_gradients,
    "occlusion": occlusion,
    "ngrams": ngrams,
}
LEVELS = ("gradcam", "gradcam++", "layercam", "cam")  # that look at a level of the body


def usual(net: Net, otherwise: str) -> str:
    """The method that was most faithful on validation samples, see recipes/explain_faithful.py: the exact one for nets
    that have it, `otherwise` for others.
    """
    return "ngrams" if exact(net) else otherwise


__all__ = ["LEVELS", "METHODS", "Heat", "Method", "Question", "usual"]

"""Questions by the shape of their answer; they know no device and no file."""

from multicnn.tasks.classify import Classify, Tag
from multicnn.tasks.segment import Segment
from multicnn.tasks.separate import Separate

__all__ = ["Classify", "Segment", "Separate", "Tag"]

"""Questions by the shape of their answer; they know no device and no file."""

from multicnn.tasks.classify import Classify, Tag

__all__ = ["Classify", "Tag"]

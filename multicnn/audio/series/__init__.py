"""Other one-dimensional signals than sound: several numbers a step, as of motion sensors or a skeleton's joints."""

from multicnn.audio.series.augment import ChannelDrop, Excerpt, Jitter, Scaling, TimeWarp, Turn
from multicnn.audio.series.frontend import Series
from multicnn.audio.series.reader import SeriesReader

__all__ = ["ChannelDrop", "Excerpt", "Jitter", "Scaling", "Series", "SeriesReader", "TimeWarp", "Turn"]

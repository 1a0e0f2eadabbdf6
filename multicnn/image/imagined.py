"""What a network is given of pictures that are not there yet."""

from collections.abc import Sequence

from multicnn.zoo import PHOTO


def imagined(
    usual: tuple[int, ...], *, image_size: Sequence[int] | None = None, channels: int | None = None
) -> tuple[int, ...]:
    """Channels and sides in pixels; left open, those of the network's published form, or ImageNet's.  -> c *grid"""
    c, *sides = usual if len(usual) > 2 else PHOTO
    return (channels or c, *(image_size or sides))

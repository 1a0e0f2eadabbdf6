"""Arrays of pixels, `h w c` of uint8 or uint16: from one number of channels, depth or size to another."""

from collections.abc import Callable

import numpy as np

from multicnn.errors import DataError

LUMA = np.array([19595, 38470, 7471], dtype=np.uint32)  # ITU-R BT.601 in 16-bit fixed point, as Pillow has it


def channels_last(array: np.ndarray) -> np.ndarray:
    """The channel axis is the shorter of the first and the last; the last if they are equal.

    Raises DataError for other shapes and empty ones.
    h w, h w c or c h w -> h w c, uint8 for bool, else of the same type
    """
    if array.ndim not in (2, 3) or array.size == 0:
        raise DataError(f"array of shape {array.shape}: not a picture; give height x width, or that with channels")
    array = array.astype(np.uint8) * np.uint8(255) if array.dtype == np.bool_ else array
    if array.ndim == 2:
        return array[..., None]
    return array.transpose(1, 2, 0) if array.shape[0] < array.shape[2] else array


def recolour(pixels: np.ndarray, channels: int, background: tuple[int, int, int]) -> np.ndarray:
    """Between grey (1), grey with alpha (2), colour (3) and colour with alpha (4).  h w c -> h w channels"""
    given = pixels.shape[2]
    if given == channels:
        return pixels
    if given not in (1, 2, 3, 4) or channels not in (1, 3, 4):
        raise DataError(f"{given} channels where {channels} are read; convert it, or set channels to {given}")
    if channels == 4:
        return _with_alpha(pixels)
    if given in (2, 4):
        pixels = _composite(pixels, background)
    if channels == 1:
        return luma(pixels)
    return pixels if pixels.shape[2] == 3 else np.repeat(pixels, 3, axis=2)


def luma(pixels: np.ndarray) -> np.ndarray:
    """BT.601 brightness, rounded; grey stays as it is.  h w 1 or h w 3 -> h w 1"""
    if pixels.shape[2] == 1:
        return pixels
    return ((pixels.astype(np.uint32) @ LUMA + 0x8000) >> 16).astype(pixels.dtype)[..., None]


def ground(pixels: np.ndarray, background: tuple[int, int, int]) -> np.ndarray:
    """The background in the channels and depth of `pixels`; opaque.  -> c"""
    colour = np.array([[background]], dtype=np.uint8)
    channels = pixels.shape[2]
    colour = luma(colour).repeat(channels, axis=2) if channels not in (3, 4) else recolour(colour, channels, background)
    return deepen(colour, 8 * pixels.dtype.itemsize)[0, 0]


def _composite(pixels: np.ndarray, background: tuple[int, int, int]) -> np.ndarray:
    """Lay on the background what is partly transparent, rounded.  h w 2 or h w 4 -> h w 3"""
    full = np.uint64(np.iinfo(pixels.dtype).max)
    colour, alpha = pixels[..., :-1].astype(np.uint64), pixels[..., -1:].astype(np.uint64)
    behind = ground(pixels[..., [0, 0, 0]], background).astype(np.uint64)
    return ((colour * alpha + behind * (full - alpha) + full // 2) // full).astype(pixels.dtype)


def _with_alpha(pixels: np.ndarray) -> np.ndarray:
    if pixels.shape[2] == 2:
        return pixels[..., [0, 0, 0, 1]]
    colour = pixels if pixels.shape[2] == 3 else np.repeat(pixels, 3, axis=2)
    opaque = np.full((*pixels.shape[:2], 1), np.iinfo(pixels.dtype).max, dtype=pixels.dtype)
    return np.concatenate([colour, opaque], axis=2)


def deepen(pixels: np.ndarray, depth: int) -> np.ndarray:
    """With 8 or 16 bits: white stays white. 8 -> 16 bits is exact, 16 -> 8 rounds."""
    if 8 * pixels.dtype.itemsize == depth:
        return pixels
    if depth == 16:
        return pixels.astype(np.uint16) * np.uint16(257)
    return ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)


def crop(pixels: np.ndarray, size: tuple[int, int], behind: np.ndarray) -> np.ndarray:
    """Fill the size and cut what juts out, evenly on both sides.  h w c -> size c"""
    height, width = pixels.shape[:2]
    scale = min(height / size[0], width / size[1])
    top = max(0.0, (height - size[0] * scale) / 2)  # rounding may put it just outside
    left = max(0.0, (width - size[1] * scale) / 2)
    return scaled(pixels, size, (left, top, width - left, height - top))


def squash(pixels: np.ndarray, size: tuple[int, int], behind: np.ndarray) -> np.ndarray:
    """Stretch or shrink each axis by itself.  h w c -> size c"""
    return scaled(pixels, size, (0, 0, pixels.shape[1], pixels.shape[0]))


def pad(pixels: np.ndarray, size: tuple[int, int], behind: np.ndarray) -> np.ndarray:
    """Fit into the size, centred on the background.  h w c -> size c"""
    height, width = pixels.shape[:2]
    scale = min(size[0] / height, size[1] / width)
    inner = max(1, round(height * scale)), max(1, round(width * scale))
    out = np.empty((*size, pixels.shape[2]), dtype=pixels.dtype)
    out[:] = behind
    top, left = (size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2
    out[top : top + inner[0], left : left + inner[1]] = squash(pixels, inner, behind)
    return out


RESIZES: dict[str, Callable[[np.ndarray, tuple[int, int], np.ndarray], np.ndarray]] = {
    "crop": crop,
    "pad": pad,
    "squash": squash,
}


def scaled(pixels: np.ndarray, size: tuple[int, int], box: tuple[float, float, float, float]) -> np.ndarray:
    """The part of a picture within `box` (left, top, right, bottom), by the one kernel: bilinear, antialiased.

    h w c -> size c
    """
    from PIL import Image

    if pixels.shape[:2] == size:
        return pixels
    planes = [pixels] if pixels.shape[2] == 3 and pixels.dtype == np.uint8 else np.split(pixels, pixels.shape[2], 2)
    images = [Image.fromarray(np.ascontiguousarray(p[..., 0] if p.shape[2] == 1 else p)) for p in planes]
    done = [np.asarray(i.resize((size[1], size[0]), Image.Resampling.BILINEAR, box)) for i in images]
    return np.concatenate([d.reshape(*size, -1) for d in done], axis=2)

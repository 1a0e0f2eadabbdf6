"""Convolutional networks for images, audio and text: train, measure, explain and ship them.

    from multicnn import image
    run = image.train("photos/")

Nothing heavy is imported before it is used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from multicnn.api import audit, cross_validate, learning_curve, load, plan

__version__ = "0.1.0"
__all__ = ["__version__", "audit", "cross_validate", "learning_curve", "load", "plan"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(import_module("multicnn.api"), name)
    raise AttributeError(f"module 'multicnn' has no attribute {name!r}")

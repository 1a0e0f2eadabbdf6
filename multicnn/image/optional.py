"""Libraries that only some files need, which a plain installation therefore lacks."""

from importlib import import_module
from typing import Any

from multicnn.errors import UsageError

EXTRAS = {"tifffile": "medical", "nibabel": "medical", "av": "video"}


def needed(library: str, what: str) -> Any:
    """The imported library that reads `what`. Raises UsageError with the command that installs it."""
    try:
        return import_module(library)
    except ModuleNotFoundError:
        extra = EXTRAS[library]
        raise UsageError(
            f"{what} needs {library}, which is not installed; install it with: pip install 'multicnn[{extra}]'"
        ) from None

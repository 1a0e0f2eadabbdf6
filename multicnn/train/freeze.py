"""Which parts of a net stay as they are: transfer learning's frozen body, and its thawing from the top."""

from collections.abc import Sequence

from torch import nn

from multicnn.errors import UsageError
from multicnn.zoo.body import Body


def frozen_parts(body: Body, freeze: str) -> list[nn.Module]:
    """The first parts of a body, in the order of its layers: all for "backbone", so many for a number.

    Raises UsageError for anything else, and for more parts than there are.
    """
    parts = list(body.children())
    if freeze == "none":
        return []
    if freeze == "backbone":
        return parts
    if not freeze.isdecimal() or int(freeze) > len(parts):
        names = ", ".join(name for name, _ in body.named_children())
        raise UsageError(
            f"--freeze {freeze}: give none, backbone, or how many of its {len(parts)} parts to freeze ({names})"
        )
    return parts[: int(freeze)]


def still_frozen(parts: Sequence[nn.Module], epoch: int, thaw: int) -> Sequence[nn.Module]:
    """What is frozen in an epoch (from 0) when every `thaw` epochs one more part thaws, the last first; 0: never."""
    return parts[: max(0, len(parts) - epoch // thaw)] if thaw else parts


def freeze(body: Body, parts: Sequence[nn.Module]) -> None:
    """Only the other parts learn; a frozen one neither drops anything nor moves its running statistics."""
    body.requires_grad_(True)
    for part in parts:
        part.requires_grad_(False)
        part.eval()

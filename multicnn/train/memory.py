"""What to do when memory runs out: fewer samples at a time."""

import torch

SIGNS = ("out of memory", "can't allocate memory", "cannot allocate memory", "not enough memory")


def out_of_memory(error: RuntimeError) -> bool:
    """Whether torch could not allocate; on a CPU that is a plain RuntimeError."""
    return isinstance(error, torch.OutOfMemoryError) or any(s in str(error).casefold() for s in SIGNS)

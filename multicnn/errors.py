"""What can go wrong, each with the exit code the command line answers with.

A message is one sentence: what, which file or row or value, and what to do next.
"""


class MulticnnError(Exception):
    """Anything the user can mend; never shown with a traceback."""

    exit_code = 1


class UsageError(MulticnnError):
    """A command, name or setting that does not exist or does not apply."""

    exit_code = 2


class DataError(MulticnnError):
    """Data that cannot be read, or cannot be learnt from."""

    exit_code = 3


class Diverged(MulticnnError):
    """Training produced a loss that is not a number."""

    exit_code = 4


class RequirementMissed(MulticnnError):
    """A metric stayed on the wrong side of `--require`."""

    exit_code = 5


class Interrupted(MulticnnError):
    """The user stopped the run; all that is needed to resume is saved."""

    exit_code = 130

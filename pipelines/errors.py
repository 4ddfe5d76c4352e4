"""Errors that a user can act on; the command line prints their message and nothing else."""


class PipelineError(Exception):
    """What went wrong and what to do, in one line that names no data value."""

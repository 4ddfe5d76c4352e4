"""The refusal of a whole submission, in words that hold no data value."""


class RefusedError(Exception):
    """Why nothing of a submission can be used and what to do about it."""

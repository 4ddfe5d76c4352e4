"""Tests, in folders that mirror the code."""

import pipelines  # noqa: F401 - hides the Spark client from Great Expectations, whichever is loaded first

"""Measures of the budgets, each beside a floor measured in the same run, since machines are noisy."""

import pipelines  # noqa: F401 - hides the Spark client from Great Expectations, whichever is loaded first

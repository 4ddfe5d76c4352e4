"""Spark's client, loaded with care: what it does on the way is no business of a build."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from pipelines.errors import PipelineError


@contextmanager
def _unnoticed() -> Iterator[None]:
    """The client may be loaded, in any process and without a warning.

    It takes a main module without a file for a doctest of its own, and ends the process; it warns of pandas 3, of which
    the build gives it no frame.
    """
    if sys.modules.get("pyspark", sys) is None:
        del sys.modules["pyspark"]
    main = sys.modules["__main__"]
    is_without_file = not hasattr(main, "__file__")
    if is_without_file:
        main.__file__ = "python"
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas")
            yield
    finally:
        if is_without_file:
            del main.__file__


try:
    with _unnoticed():
        import grpc
        from pyspark.errors import PySparkException
        from pyspark.sql.connect.client import DefaultChannelBuilder
        from pyspark.sql.connect.client.retries import DefaultPolicy
        from pyspark.sql.connect.dataframe import DataFrame
        from pyspark.sql.connect.session import SparkSession
except ImportError as error:
    raise PipelineError(
        "--engine: Spark's client is not installed; install all of requirements.txt, or build without --engine"
    ) from error

__all__ = ["DataFrame", "DefaultChannelBuilder", "DefaultPolicy", "PySparkException", "SparkSession", "grpc"]

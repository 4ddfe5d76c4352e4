"""What the data must satisfy: one suite a table, named as the table, and the domain's own expectations."""

from __future__ import annotations

import sys


def _load_without_spark() -> None:
    """Load Great Expectations as if no Spark client were installed.

    It loads one wherever it finds it, for frames of Spark that nobody checks here; and that ends the process where the
    main module has no file, as in a worker of multiprocessing or of pytest.
    """
    if "great_expectations" in sys.modules:
        return
    held = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "pyspark"}
    for name in held:
        del sys.modules[name]
    sys.modules["pyspark"] = None  # type: ignore[assignment] # what the import system takes for "not there"
    try:
        import great_expectations  # noqa: F401
    finally:
        del sys.modules["pyspark"]
        sys.modules.update(held)


_load_without_spark()

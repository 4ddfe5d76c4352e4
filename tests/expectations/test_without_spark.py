"""The library of checks is loaded without a Spark client, which would end a process without a main file."""

from __future__ import annotations

import subprocess
import sys

from catalogue.contracts import ROOT


def test_checks_are_loaded_without_spark_and_spark_can_be_loaded_after_them() -> None:
    said = (
        "import sys, expectations.suites; "
        "print(any(name.partition('.')[0] == 'pyspark' for name in sys.modules)); "
        "import pyspark; print(pyspark.__name__)"
    )
    done = subprocess.run([sys.executable, "-c", said], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["False", "pyspark"], done.stderr

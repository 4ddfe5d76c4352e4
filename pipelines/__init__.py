"""The build side: ingest, build, protect and publish, behind one command line."""

import sys

# Great Expectations loads the Spark client wherever it is installed, and the client ends a process whose main module
# has no file, such as a worker of pytest-xdist. No check uses it; `pipelines.engine.client` loads it with care.
sys.modules.setdefault("pyspark", None)  # type: ignore[arg-type]

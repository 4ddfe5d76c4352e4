"""What the data must satisfy: one suite a table, named as the table, and the domain's own expectations."""

import sys

# Great Expectations loads the Spark client wherever it is installed, and the client ends a process whose main module
# has no file, such as a worker of pytest-xdist. No check uses it; `pipelines.engine.client` loads it with care.
sys.modules.setdefault("pyspark", None)  # type: ignore[arg-type]

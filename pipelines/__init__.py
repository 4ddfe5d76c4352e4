"""The build side: ingest, build, protect and publish, behind one command line."""

import warnings

# The Spark client, loaded for `--engine` alone, warns of pandas, of which we use none of its parts; standard error is
# for what a user can act on.
warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas", category=FutureWarning)

"""The build side: ingest, build, protect and publish, behind one command line."""

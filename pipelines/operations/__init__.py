"""How the build side is watched: a log of runs, what can be told of the data folder now, metrics of both."""

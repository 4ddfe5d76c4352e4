"""Statistics as pure functions of columns; knows nothing of genomics, files or screens."""

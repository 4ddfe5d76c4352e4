"""One file a topic: how each golden file's cases are put to the public functions of methods/."""

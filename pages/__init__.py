"""One thin file a screen: choose, fetch, draw."""

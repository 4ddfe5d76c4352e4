"""Backups of the data folder, what is restored from them, and what is kept for how long."""

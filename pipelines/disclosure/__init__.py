"""Disclosure control: what may be shown of exact counts, and the proof that nothing hidden can be worked out."""

"""Tests of the demonstration extracts."""

"""Demand forecasts and the laboratory simulation: assumptions in, waits out."""

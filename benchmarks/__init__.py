"""Measures of the budgets, each beside a floor measured in the same run, since machines are noisy."""

"""Benchmarks: ratios inside one run, alternating, on the same data with the same durability."""

"""Benchmarks: each ratio is from alternating measurements in one run, with the same data and durability."""

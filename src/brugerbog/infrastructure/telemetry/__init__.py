"""Metrics, traces, and log lines of operations."""

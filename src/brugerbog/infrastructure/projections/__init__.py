"""Runs the projections: reads new events, writes read tables, rebuilds them."""

"""Marked secrets and names pass through everything, and are looked for everywhere afterwards."""

"""Checks of an installation, and their findings."""

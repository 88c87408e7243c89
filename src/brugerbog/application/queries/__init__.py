"""Queries: every question that the read tables answer."""

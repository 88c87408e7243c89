"""Refusals of requests and of the store."""

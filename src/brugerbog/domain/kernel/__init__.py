"""Base classes of the domain: aggregates, the context of a command, refusals, personal data."""

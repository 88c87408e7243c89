"""Base classes of the domain: aggregates, command context, refusals, personal data, days and instants."""

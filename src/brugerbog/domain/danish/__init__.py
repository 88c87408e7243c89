"""Danish collation, dates and names of events."""

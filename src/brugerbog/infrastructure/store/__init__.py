"""The store: one log of events with what belongs to it, on SQLite or PostgreSQL."""

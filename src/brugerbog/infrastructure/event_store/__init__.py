"""The event log on SQLite and PostgreSQL, and what is stored in the same transaction."""

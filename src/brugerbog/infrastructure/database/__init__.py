"""SQLite and PostgreSQL: connections, transactions, schema, deadlines."""

"""Pages of the audit log: entries, past states and exports."""

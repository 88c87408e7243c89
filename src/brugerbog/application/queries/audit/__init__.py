"""The audit log: entries, past states and exports. Each reading is recorded in the log."""

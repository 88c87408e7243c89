"""The audit log as people read it: entries, past states and exports. Each reading is recorded."""

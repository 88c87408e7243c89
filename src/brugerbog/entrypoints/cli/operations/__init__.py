"""Commands of operators: server, worker, store, keys, backup, diagnostics."""

"""The list of erased users outside of the store, and its comparison with the log."""

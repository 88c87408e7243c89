"""Every report equals a count by hand over the events of the log."""

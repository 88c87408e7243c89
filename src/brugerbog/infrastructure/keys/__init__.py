"""The installation's keys as they are stored: wrapped by the master key, and what each of them opens."""

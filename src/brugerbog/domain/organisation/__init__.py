"""The organisation: its settings, its role holders and its API clients."""

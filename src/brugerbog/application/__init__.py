"""Commands, queries and background work, and the ports that they need."""

"""The HTTP API, for other systems (docs/api.md)."""

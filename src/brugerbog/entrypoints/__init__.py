"""The doors into the service: parse, call, present."""

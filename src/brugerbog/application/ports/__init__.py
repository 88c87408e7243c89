"""Ports: the interfaces that the application needs from the infrastructure."""

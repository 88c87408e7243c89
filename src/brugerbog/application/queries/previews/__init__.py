"""Previews: the effects and refusals of a command, computed without recording anything."""

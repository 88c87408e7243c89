"""Previews: the effects and refusals of a command before the command is given."""

"""Commands: what changes users and organisations, and how a command is executed."""

"""The rules and facts of user administration: no clock, no ids, no I/O."""

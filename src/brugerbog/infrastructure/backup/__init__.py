"""Backup, restore and copy of a store, and the list of erased users outside of it."""

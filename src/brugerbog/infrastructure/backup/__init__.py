"""Backup, restore and copy of a store."""

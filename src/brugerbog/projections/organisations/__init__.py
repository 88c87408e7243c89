"""Which organisations are there, and what did a user cost there when?"""

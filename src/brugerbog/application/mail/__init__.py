"""Mails: the outbox, the mails that events call for, their facts, and their dispatch."""

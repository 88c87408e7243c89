"""The outbox of mails: which mails are due, what each contains, and their dispatch."""

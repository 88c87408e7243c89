"""Commands on the organisation, its clients, sessions, mails and reports."""

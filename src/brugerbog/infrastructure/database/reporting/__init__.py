"""Views for reporting tools on PostgreSQL: one file of SQL per subject, and their creation."""

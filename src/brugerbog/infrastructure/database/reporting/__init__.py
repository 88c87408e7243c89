"""Views for reporting tools on PostgreSQL: a file of SQL for each story, and what makes and keeps them."""

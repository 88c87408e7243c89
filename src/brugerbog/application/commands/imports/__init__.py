"""Users by the file: 15 columns, one row for each, created, edited or deleted (guide, brugerimport)."""

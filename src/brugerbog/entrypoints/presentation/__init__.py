"""Danish words, reports and spreadsheets for every entry point."""

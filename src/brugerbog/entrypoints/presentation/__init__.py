"""Danish wording, reports and spreadsheets, shared by the entry points."""

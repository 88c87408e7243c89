"""Value types and their parsers: numbers, personal data, means of identification, status."""

"""Value types and their readers: numbers, personal data, days, means of identification."""

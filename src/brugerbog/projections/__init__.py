"""Projections: one folder for each read table, with the table and the pure function that fills it."""

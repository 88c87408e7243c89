"""Mails: their Danish words, and the ways out of the house."""

"""Ciphers, activation codes, tokens, and the hashes of the log's tree."""

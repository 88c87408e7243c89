"""What falls due at once, recorded: so many a second."""

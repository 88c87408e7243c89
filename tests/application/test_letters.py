"""A letter says what is true as it is sent, or nothing."""

"""Keys, encryption and message authentication."""

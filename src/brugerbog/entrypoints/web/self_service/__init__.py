"""Pages of the user's own: activation by link, and the user's profile."""

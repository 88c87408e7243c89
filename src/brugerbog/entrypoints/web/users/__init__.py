"""Pages about users: the list, a profile, and each command on a user."""

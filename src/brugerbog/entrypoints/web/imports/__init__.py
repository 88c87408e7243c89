"""Pages about files of users and about imported users."""

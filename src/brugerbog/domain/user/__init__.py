"""The user: events, decisions and state, one module for each part of a user's life."""

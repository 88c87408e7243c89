"""The scheduler and the heartbeat of the background worker."""

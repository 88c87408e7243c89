"""Key management: status of the installation's keys, their rotation, and removal of orphaned keys."""

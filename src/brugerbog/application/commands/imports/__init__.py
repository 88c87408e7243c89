"""Import of users by CSV file: each row creates, edits or deletes a user (guide, brugerimport)."""

"""What has a user done lately, and what was done with the user? (guide, Se brugerens aktivitetshistorik)."""

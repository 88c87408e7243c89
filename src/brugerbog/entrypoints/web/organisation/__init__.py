"""Pages about the organisation: settings, roles, reports, notices, sessions."""

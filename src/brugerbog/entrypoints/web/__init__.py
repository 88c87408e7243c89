"""The Danish pages: they read what somebody says, ask the service, and show its answer; no rules are here."""

"""The Danish web pages: they read forms, call the service and render the result; no rules are here."""

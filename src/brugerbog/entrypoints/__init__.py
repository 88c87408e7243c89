"""The entry points: each parses requests, calls the service and presents the results."""

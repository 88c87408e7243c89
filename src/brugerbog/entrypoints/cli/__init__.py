"""The command line: data on stdout, messages on stderr, or one JSON document on stdout with --json."""

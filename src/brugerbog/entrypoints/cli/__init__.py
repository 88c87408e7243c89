"""The command line: data on stdout, messages on stderr, one JSON document with --json."""

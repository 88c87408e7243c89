"""Work that no request starts: due work, retention, erasure, and the worker that runs them."""

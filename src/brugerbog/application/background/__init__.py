"""Background work: due work, retention, and the worker that runs them."""

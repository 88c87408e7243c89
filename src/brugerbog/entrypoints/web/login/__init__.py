"""Log-in and log-out through a MitID broker (OpenID Connect)."""

"""What the web pages store: encrypted sessions and uploads; and the OpenID Connect client."""

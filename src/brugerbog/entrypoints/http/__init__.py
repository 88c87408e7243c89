"""The parts that the web pages, the HTTP API and SCIM share: middleware, routing, limits, uploads."""

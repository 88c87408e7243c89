"""The HTTP server: one ASGI application of web pages, HTTP API and SCIM."""

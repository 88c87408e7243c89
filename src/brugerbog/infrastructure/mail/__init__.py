"""Mails: Danish templates, SMTP, and the settings of both."""

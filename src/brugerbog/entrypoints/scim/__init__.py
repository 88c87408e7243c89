"""SCIM 2.0: a directory such as Entra ID, or an HR system, keeps the organisation's users in step."""

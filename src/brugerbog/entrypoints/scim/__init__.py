"""SCIM 2.0: provisioning of the organisation's users from a directory such as Entra ID, or an HR system."""

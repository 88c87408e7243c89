"""The checks of an installation, and what each can find."""

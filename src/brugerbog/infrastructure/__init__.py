"""Engines, keys, mail, clocks: the outside world behind the application's ports."""

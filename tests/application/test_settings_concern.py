"""Who has what a setting allows no more is named, and left as he is."""

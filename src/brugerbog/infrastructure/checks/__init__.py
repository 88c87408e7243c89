"""What a check-up looks at, a module for each place; looking changes nothing."""

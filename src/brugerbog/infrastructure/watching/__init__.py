"""Those who watch what is done, and how they are told of it."""

"""What the pages keep in the store, sealed so that only the browser it belongs to opens it."""

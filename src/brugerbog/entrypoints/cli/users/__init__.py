"""`brugerbog users` and the other commands on users."""

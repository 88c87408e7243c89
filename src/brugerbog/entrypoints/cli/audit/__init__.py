"""`brugerbog audit`: the log, past states, verification, checkpoints and exports."""

"""`brugerbog audit`: the audit log, past states, verification, checkpoints and exports."""

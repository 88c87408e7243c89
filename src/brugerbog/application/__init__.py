"""What can be asked of the system: commands, questions, and who may use them."""

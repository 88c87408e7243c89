"""One module per question: its tables and the pure function that keeps them."""

"""Who asks to be anonymous is told what it costs, asked about, and answered."""

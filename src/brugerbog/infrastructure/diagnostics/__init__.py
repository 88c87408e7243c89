"""The checks of `brugerbog doctor`, one module for each subject. A check changes nothing."""

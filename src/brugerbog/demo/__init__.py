"""The demo: made-up people and organisations, their story, and a log-in without MitID."""

"""The Merkle tree over the log, its signed checkpoints, its verification and its exports."""

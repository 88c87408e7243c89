"""The stored keys, wrapped by the master key, and the tokens and MACs made with them."""

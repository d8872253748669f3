"""Rules an entry must keep to, beyond its order."""

"""Commands on a deployment."""

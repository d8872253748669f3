"""Reviews: the model, and the reviews of published data and of a deployment."""

"""What an engine reports of a deployment, and made-up deployments to rehearse with: counts and scores, no faces."""

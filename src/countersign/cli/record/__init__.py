"""Commands on a log, its keys, proofs and witnesses."""

"""The public site of a log: pages, open data, proofs, and a way to recount them."""

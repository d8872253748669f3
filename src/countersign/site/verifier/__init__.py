"""The verifier in one page, and the script that a desk signs with: plain modules, no network, nothing else's code."""

"""Results of the Python interface: each fits a screen, shows its page in a notebook, and gives a data frame.

Reviews show themselves too (``reviews.result``). The command line prints what these hold.
"""

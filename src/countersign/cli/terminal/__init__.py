"""What commands share on a terminal: lists, progress, refusals, passphrases."""

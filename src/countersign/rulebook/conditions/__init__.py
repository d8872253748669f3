"""What a duty is decided by: the look at the record, conditions, how they are declared, moments and results."""

"""What a duty is decided by: the look at the record, points, moments, results and figures."""

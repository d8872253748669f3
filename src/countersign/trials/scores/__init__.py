"""Score data: the tables a trial is read from, checked row by row."""

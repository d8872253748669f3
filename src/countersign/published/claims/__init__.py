"""Public claims: read, judged on the rows, and shown with their arithmetic."""

"""Who is outside a force, as the reader says, and what outside bodies say: in notes, and in logs of their own."""

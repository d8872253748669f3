"""Forms a publication comes in: bytes in, printed cells out."""

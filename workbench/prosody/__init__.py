"""How speech sounds, in numbers: f0, loudness, rhythm, and the same sentence side by side."""

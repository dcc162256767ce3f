"""How long tests wait for what must happen."""

PATIENCE = 60.0
"""Seconds, on a machine that is busy with much else: whatever takes longer never comes."""

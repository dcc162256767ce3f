"""What is seen in a notebook: widgets whose state is in Python and whose drawing is in ``static``."""

"""What an assistant may look up while it talks."""

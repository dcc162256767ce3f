"""Personal data in what was said: found, masked, given tokens, silenced."""

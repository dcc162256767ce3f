"""A package, so that its browser ends with its last test: no other test could begin an event loop before."""

"""The wiring: which program runs where, what happens in which order, and the command that a person types."""

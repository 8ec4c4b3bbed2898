"""Reviewing claims in a browser: labels with who, when and how long, for a gold file."""

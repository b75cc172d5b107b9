"""What everything stands on. Standard library only; no input, no output, no clock of its own."""

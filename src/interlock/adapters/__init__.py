"""The outside world, one folder per external system. Imported by the roots only; importing one does nothing."""

"""What every area uses below the features: here, redaction."""

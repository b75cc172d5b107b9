"""One plan model for every driver: what a change will do, named by a digest, shown without secrets."""

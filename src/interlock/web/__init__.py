"""The toolkit of the faces: how data is printed, on the command line now and over HTTP later."""

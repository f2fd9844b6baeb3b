"""The operator's command line: parses, calls one verb, prints the answer."""

"""`make audit`: scanners over the source, the packages and a running portal, and what became of each finding."""

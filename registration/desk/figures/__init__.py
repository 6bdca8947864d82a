"""The desk's page of figures: queues, plots made here as SVG, their tables and files."""

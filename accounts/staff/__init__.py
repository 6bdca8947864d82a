"""Who works at the branch desk: made, moved and ended here, each change with its event."""

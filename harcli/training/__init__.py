"""The training routine: order of samples, losses, loop, checkpoints."""

"""What this machine and this installation have, what is missing, and which command brings it."""

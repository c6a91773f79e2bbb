"""What a network looks at: its inner maps as pictures (paper, Figures 4 and 5)."""

"""Pages without a kernel: saved, exported, in courses and on learning platforms."""

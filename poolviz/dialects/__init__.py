"""What each framework calls its layers and says when it fails: one folder per framework."""

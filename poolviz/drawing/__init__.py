"""Pictures: scenes and charts as frozen values, their painters, and output formats."""

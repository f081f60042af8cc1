"""How answers are written: numbers, cells, choices and changes, read as they were meant."""

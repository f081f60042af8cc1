"""Source text → a network, by `ast`: read, never run."""

from poolviz.diagnosis.reading.code.reader import read_code as read_code

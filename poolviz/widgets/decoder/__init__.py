"""ErrorDecoder."""

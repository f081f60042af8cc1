"""The frozen facts that an explorer shows, and numbers as they are typed."""

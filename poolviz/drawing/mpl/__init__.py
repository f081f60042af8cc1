"""Painters that turn a scene into a matplotlib figure and into bytes."""

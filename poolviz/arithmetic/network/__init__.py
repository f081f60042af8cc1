"""A network, layer after layer: shapes, receptive field, smallest input."""

"""What a LayerExplorer has besides: the controls, weights and products of convolutions."""

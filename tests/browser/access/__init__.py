"""For every hand, eye and ear: keys, names, colours, pictures of all widgets."""

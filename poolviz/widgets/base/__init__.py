"""What all widgets share: state, language, saving, the JavaScript bundle."""

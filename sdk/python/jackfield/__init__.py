"""What the tests of a plugin in Python use. The plugin itself needs none of it."""

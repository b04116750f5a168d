"""The persona model, the sweep that trains candidates, and the registry that keeps them.

Import from the modules: the package itself imports nothing, so that a process that only labels stays small.
"""

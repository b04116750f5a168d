"""The labels: an HTTP service that labels respondents, and the labelling of a whole wave in the database.

Import from the modules: the package itself imports nothing, so that a process that only serves stays small.
"""

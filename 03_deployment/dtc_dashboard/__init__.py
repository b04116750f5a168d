"""Pages for the people who decide: what the packages give, shown in a browser; own process, own image."""

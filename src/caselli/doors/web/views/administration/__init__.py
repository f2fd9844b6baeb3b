"""The pages of who administers, a file a noun."""

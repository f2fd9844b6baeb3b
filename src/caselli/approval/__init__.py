"""Someone else says yes, where the organization asks for a second person."""

"""Who there is: organizations, users, extensions, trunks; and who may do what."""

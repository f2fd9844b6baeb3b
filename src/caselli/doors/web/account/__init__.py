"""One's own account: what we ask of django-allauth, and how it finds people."""

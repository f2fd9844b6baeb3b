from client_far import far  # noqa: F401 - a fixture for all of them

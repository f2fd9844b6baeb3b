from approval.mailed import abroad, by_mail  # noqa: F401 - fixtures

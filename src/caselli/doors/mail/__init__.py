"""The mail door. Until an administrator switches faxing by email on, it says no, in the SMTP dialogue, and why."""

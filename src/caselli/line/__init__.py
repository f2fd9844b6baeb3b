"""It goes down the line: SIP, T.38, T.30. Knows no database, and no process but its own media workers."""

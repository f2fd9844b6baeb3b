"""What a fax is: pure, no database, no socket, no clock."""

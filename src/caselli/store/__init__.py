"""The shelf: tables, blobs, and the only writer of status."""

"""It waits for a line: claims, leases, retries, and what a person may wish meanwhile."""

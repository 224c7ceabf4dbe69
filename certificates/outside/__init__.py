"""Outside documents (外部证明): handed in with a scan, checked by another person, and counted while they are valid."""

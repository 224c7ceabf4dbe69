"""The register of certificates: rows as of any day, statuses, workbook and archive."""

"""The bank's calendar: its moment, its local day, its working days."""

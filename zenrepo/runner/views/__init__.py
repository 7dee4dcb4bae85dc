"""What of an artifact the light half shows, as plain data."""

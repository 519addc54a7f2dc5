"""What people decide, read and checked: settings, packaging_specs, and the names of artifacts."""

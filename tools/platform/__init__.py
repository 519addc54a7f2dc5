"""What wheels are for: one value a platform tag, which decides whatever differs between systems and machines."""

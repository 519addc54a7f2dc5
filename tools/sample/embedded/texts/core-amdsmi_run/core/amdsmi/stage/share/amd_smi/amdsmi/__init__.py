"""Python bindings of the sample's amd-smi."""

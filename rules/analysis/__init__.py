"""From specs, settings and the names of artifacts to what a build makes; no payload is read."""

"""Where artifacts come from: a URL that lists archives."""

"""From a plan to a wheel and its receipt."""

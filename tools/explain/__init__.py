"""Answers from plans, receipts and RECORDs: where a path went, why a wheel is built again, what two dists differ in."""

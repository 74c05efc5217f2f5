"""How long `pulse serve` may take to stop: apart from what stops, so that who waits for it need not open the engine."""

GRACE_S = 5
"""For answers that are under way."""
JOIN_WITHIN_S = 30.0
"""For what the loaders have in hand."""
STOP_WITHIN_S = GRACE_S + JOIN_WITHIN_S

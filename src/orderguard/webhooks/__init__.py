"""How webhooks leave the house: names resolved, targets checked, requests signed and sent."""

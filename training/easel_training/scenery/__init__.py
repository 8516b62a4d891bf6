"""Scenes of the second generation: what is in them (spec.py), how they are drawn (stage.py, places.py)."""

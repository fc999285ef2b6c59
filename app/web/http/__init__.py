"""HTTP itself: heads, bodies, problems, the gate, the wire. Knows no route."""

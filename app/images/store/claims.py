"""Claims to uploads: whose share one counts in, and the token that proves it. Knows a secret, no store and no HTTP."""

from __future__ import annotations

import hashlib
import hmac
import secrets


def owner_of(secret: bytes, client: str) -> str:
    """A client as the store knows it: the same each time, and nothing that tells its address."""
    return hmac.digest(secret, b"owner\0" + client.encode(), hashlib.sha256)[:8].hex()


def new_claim(secret: bytes, client: str) -> str:
    """A claim to one upload: whose share it counts in, and what tells it from all others of the same address."""
    return owner_of(secret, client) + secrets.token_hex(8)


def token_of(secret: bytes, id: str, claim: str) -> str:
    """The proof that an upload is one's own."""
    return f"{claim}.{_proof(secret, id, claim)}"


def claim_in(secret: bytes, id: str, token: str) -> str | None:
    """The claim that a token proves, or None for a token of another upload, of another server or made up."""
    claim, _, proof = token.partition(".")
    known = _proof(secret, id, claim)
    return claim if hmac.compare_digest(proof.encode(), known.encode()) else None


def _proof(secret: bytes, id: str, claim: str) -> str:
    return hmac.digest(secret, f"delete\0{id}\0{claim}".encode(), hashlib.sha256)[:16].hex()

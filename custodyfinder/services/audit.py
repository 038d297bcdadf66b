"""Who did what to what, when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from ..models import AuditEvent


def record(session: Session, actor: str, action: str, subject: str, *, at: datetime, **details: Any) -> None:
    """Write one audit line into the caller's transaction. Ids and codes only: no number, no postcode, no words."""
    session.add(AuditEvent(actor=actor, action=action, subject=subject, at=at, details=details))

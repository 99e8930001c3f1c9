"""Closed vocabularies: every code that the program branches on, with its labels and its definition.

A code is stored as it stands here and never changes its meaning. A new code comes with a migration
(the database checks the list) and a new `VERSION`, which every assessment carries. Codes that only
people branch on are rows of `Term` instead.
"""

from tracker.codebook.accounts import AuditAction, Role
from tracker.codebook.assessments import (
    Attribution,
    EvidenceOrigin,
    EvidenceRelation,
    EvidenceReports,
    Execution,
    Outcome,
    Reason,
    Timeliness,
)
from tracker.codebook.coded import Coded
from tracker.codebook.commitments import (
    Checkability,
    Comparator,
    Confidence,
    DeadlineKind,
    DeadlineRule,
    FigureRole,
    Kind,
    LinkRelation,
    PublicationState,
    Tense,
    TermBasis,
    UnitBasis,
    UnitRole,
)
from tracker.codebook.documents import (
    DocumentKind,
    JurisdictionLevel,
    LicenceMode,
    MarkReason,
    OrganisationKind,
    SourceTier,
)

#: Version of the codebook; written into every assessment made under it.
VERSION = "1.0"

__all__ = [
    "VERSION",
    "Attribution",
    "AuditAction",
    "Checkability",
    "Coded",
    "Comparator",
    "Confidence",
    "DeadlineKind",
    "DeadlineRule",
    "DocumentKind",
    "EvidenceOrigin",
    "EvidenceRelation",
    "EvidenceReports",
    "Execution",
    "FigureRole",
    "JurisdictionLevel",
    "Kind",
    "LicenceMode",
    "LinkRelation",
    "MarkReason",
    "OrganisationKind",
    "Outcome",
    "PublicationState",
    "Reason",
    "Role",
    "SourceTier",
    "Tense",
    "TermBasis",
    "Timeliness",
    "UnitBasis",
    "UnitRole",
]

"""Closed vocabularies: every code that the program branches on, with its labels and its definition.

A code is stored as it stands here and never changes its meaning. A new code comes with a migration
(the database checks the list) and a new `VERSION`, which every assessment carries. Codes that only
people branch on are rows of `Term` instead.
"""

from tracker.codebook.accounts import AuditAction, Role
from tracker.codebook.assessments import (
    Attribution,
    Execution,
    Light,
    Outcome,
    Precision,
    Reason,
    Timeliness,
    Verdict,
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
from tracker.codebook.crosswalk import MappingQuality
from tracker.codebook.documents import (
    DocumentKind,
    JurisdictionLevel,
    LicenceMode,
    MarkReason,
    OrganisationKind,
    SourceTier,
)
from tracker.codebook.evidence import EvidenceOrigin, EvidenceRelation, EvidenceReports
from tracker.codebook.groups import StatusGroup
from tracker.codebook.lists import ObstacleState, Validity
from tracker.codebook.questions import Divergence, Neglect, ReviewState
from tracker.codebook.reliability import CodedField, Level, Reliability

#: Version of the codebook; written into every assessment made under it.
VERSION = "1.2"

__all__ = [
    "VERSION",
    "Attribution",
    "AuditAction",
    "Checkability",
    "Coded",
    "CodedField",
    "Comparator",
    "Confidence",
    "DeadlineKind",
    "DeadlineRule",
    "Divergence",
    "DocumentKind",
    "EvidenceOrigin",
    "EvidenceRelation",
    "EvidenceReports",
    "Execution",
    "FigureRole",
    "JurisdictionLevel",
    "Kind",
    "Level",
    "LicenceMode",
    "Light",
    "LinkRelation",
    "MappingQuality",
    "MarkReason",
    "Neglect",
    "ObstacleState",
    "OrganisationKind",
    "Outcome",
    "Precision",
    "PublicationState",
    "Reason",
    "Reliability",
    "ReviewState",
    "Role",
    "SourceTier",
    "StatusGroup",
    "Tense",
    "TermBasis",
    "Timeliness",
    "UnitBasis",
    "UnitRole",
    "Validity",
    "Verdict",
]

"""The tables. A model knows its own columns: nothing of the web, no addresses, no serialising."""

from tracker.models.assessments import AssessmentEvidence, Evidence, SearchLog, StatusAssessment
from tracker.models.base import LINE, Base
from tracker.models.commitments import Commitment, CommitmentLink, CommitmentTerm, CommitmentUnit
from tracker.models.documents import Passage, PassageMark, SourceDocument, Turn
from tracker.models.figures import StatedFigure
from tracker.models.places import Jurisdiction, Organisation, Person, Post, PostHolding
from tracker.models.policies import PolicyDocument, policy_document_commitment
from tracker.models.users import AuditEvent, User
from tracker.models.vocabularies import Term, Vocabulary

__all__ = [
    "LINE",
    "AssessmentEvidence",
    "AuditEvent",
    "Base",
    "Commitment",
    "CommitmentLink",
    "CommitmentTerm",
    "CommitmentUnit",
    "Evidence",
    "Jurisdiction",
    "Organisation",
    "Passage",
    "PassageMark",
    "Person",
    "PolicyDocument",
    "Post",
    "PostHolding",
    "SearchLog",
    "SourceDocument",
    "StatedFigure",
    "StatusAssessment",
    "Term",
    "Turn",
    "User",
    "Vocabulary",
    "policy_document_commitment",
]

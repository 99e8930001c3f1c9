"""The tables. A model knows its own columns: nothing of the web, no addresses, no serialising."""

from tracker.models.assessments import ArchivedCopy, AssessmentEvidence, Evidence, Review, SearchLog, StatusAssessment
from tracker.models.base import LINE, LONG, NAMES, Base
from tracker.models.chain import ChainEntry
from tracker.models.comments import Comment, CommentMention
from tracker.models.commitments import Commitment, CommitmentLink, CommitmentTerm, CommitmentUnit
from tracker.models.counts import AuthorCount, DayCount, StandingCount
from tracker.models.crosswalk import Scheme, SchemeTerm, StatusMapping
from tracker.models.documents import Passage, PassageMark, SourceDocument, Turn
from tracker.models.figures import StatedFigure
from tracker.models.measurements import Measurement
from tracker.models.obstacles import Obstacle, ObstacleClosing, obstacle_commitment
from tracker.models.places import Jurisdiction, Organisation, Person, Post, PostHolding
from tracker.models.policies import PolicyDocument, policy_document_commitment
from tracker.models.programs import ApiAnswer, ApiToken
from tracker.models.reliability import Adjudication, CodingItem, CodingReading, CodingRound
from tracker.models.saved_lists import SavedList
from tracker.models.schedules import DeadlineRevision, Milestone, MilestoneReached
from tracker.models.searched import SearchedText
from tracker.models.sent_forms import SentForm
from tracker.models.sign_in import AuthenticatorApp, Passkey, RecoveryCode, SetupLink, SignInTry
from tracker.models.standings import CurrentStanding
from tracker.models.uploads import ColumnMapping, Upload
from tracker.models.users import AuditEvent, User
from tracker.models.vocabularies import Term, Vocabulary

__all__ = [
    "LINE",
    "LONG",
    "NAMES",
    "Adjudication",
    "ApiAnswer",
    "ApiToken",
    "ArchivedCopy",
    "AssessmentEvidence",
    "AuditEvent",
    "AuthenticatorApp",
    "AuthorCount",
    "Base",
    "ChainEntry",
    "CodingItem",
    "CodingReading",
    "CodingRound",
    "ColumnMapping",
    "Comment",
    "CommentMention",
    "Commitment",
    "CommitmentLink",
    "CommitmentTerm",
    "CommitmentUnit",
    "CurrentStanding",
    "DayCount",
    "DeadlineRevision",
    "Evidence",
    "Jurisdiction",
    "Measurement",
    "Milestone",
    "MilestoneReached",
    "Obstacle",
    "ObstacleClosing",
    "Organisation",
    "Passage",
    "PassageMark",
    "Passkey",
    "Person",
    "PolicyDocument",
    "Post",
    "PostHolding",
    "RecoveryCode",
    "Review",
    "SavedList",
    "Scheme",
    "SchemeTerm",
    "SearchLog",
    "SearchedText",
    "SentForm",
    "SetupLink",
    "SignInTry",
    "SourceDocument",
    "StandingCount",
    "StatedFigure",
    "StatusAssessment",
    "StatusMapping",
    "Term",
    "Turn",
    "Upload",
    "User",
    "Vocabulary",
    "obstacle_commitment",
    "policy_document_commitment",
]

"""All queries of the service in one class."""

from __future__ import annotations

from brugerbog.application.queries.activity_history import ActivityHistoryQueries
from brugerbog.application.queries.audit.exports import ExportQueries
from brugerbog.application.queries.audit.log import AuditLogQueries
from brugerbog.application.queries.audit.past_state import PastStateQueries
from brugerbog.application.queries.changes import ChangeQueries
from brugerbog.application.queries.mail import MailQueries
from brugerbog.application.queries.menu import MenuQueries
from brugerbog.application.queries.notices import NoticeQueries
from brugerbog.application.queries.organisation import OrganisationQueries
from brugerbog.application.queries.previews.effects import EffectPreviews
from brugerbog.application.queries.previews.refusals import RefusalPreviews
from brugerbog.application.queries.reports import ReportQueries


class Queries(
    ActivityHistoryQueries,
    OrganisationQueries,
    MenuQueries,
    ReportQueries,
    NoticeQueries,
    EffectPreviews,
    RefusalPreviews,
    MailQueries,
    AuditLogQueries,
    PastStateQueries,
    ExportQueries,
    ChangeQueries,
):
    """All queries. In an embedded service each query reads tables that are up to date with the log.

    Besides the exceptions that a query names, each raises `NotAllowed` and `OrganisationUnknown`.
    """

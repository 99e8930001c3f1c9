"""Reference tables that analysts keep: places, people, posts, units, vocabularies."""

from __future__ import annotations

from typing import Any, ClassVar

from wtforms.validators import NumberRange, Regexp

from tracker.admin.base import Table
from tracker.codebook import Role
from tracker.language import lazy

_SLUG = Regexp(
    r"^[a-z0-9-]+$", message=lazy("只用小写字母、数字和连字符", "Lower-case letters, digits and hyphens only")
)
_PLACE_CODE = Regexp(
    r"^([0-9]{6}|[A-Z]{2}(-[A-Z0-9]{1,3})?)$",
    message=lazy(
        "须为六位行政区划代码，或 ISO 3166 代码，如 US、CA-ON",
        "Six digits (GB/T 2260), or a code of ISO 3166 such as US or CA-ON",
    ),
)
# An EDTF date or interval, as far as offices need it: 2019-05, 2019-05~, ../2020.
_EDTF = Regexp(
    r"^((\.\.|\d{4}(-\d{2}){0,2}[?~%]?)(/(\.\.|\d{4}(-\d{2}){0,2}[?~%]?))?)?$",
    message=lazy(
        "写成 2019、2019-05 或 2019-05-12；不知道就留空", "Write 2019, 2019-05 or 2019-05-12; leave empty if unknown"
    ),
)


class _Kept(Table):
    """A table whose rows analysts add and change."""

    opens: ClassVar[dict[str, Role]] = {
        "index_view": Role.READER,
        "details_view": Role.READER,
        "create_view": Role.ANALYST,
        "edit_view": Role.ANALYST,
    }


class JurisdictionView(_Kept):
    """Provinces and cities."""

    column_list = ("code", "name_zh", "name_en", "level", "parent", "slug")
    column_details_list = (*column_list, "iso_code")
    form_columns = ("code", "name_zh", "name_en", "level", "parent", "slug", "iso_code")
    column_searchable_list = ("code", "name_zh", "name_en", "slug")
    column_sortable_list = ("code", "name_zh", "name_en", "level", "slug")
    column_default_sort = "code"
    narrowed_by = ("level",)
    form_args: ClassVar[dict[str, Any]] = {"code": {"validators": [_PLACE_CODE]}, "slug": {"validators": [_SLUG]}}


class PersonView(_Kept):
    """Who holds or held an office."""

    column_list = column_details_list = form_columns = ("code", "name_zh", "name_en")
    column_searchable_list = column_sortable_list = ("code", "name_zh", "name_en")
    column_default_sort = "code"


class PostView(_Kept):
    """Offices."""

    column_list = column_details_list = form_columns = ("code", "name_zh", "name_en", "jurisdiction", "organisation")
    column_searchable_list = column_sortable_list = ("code", "name_zh", "name_en")
    column_default_sort = "code"


class PostHoldingView(_Kept):
    """Who held which office from when to when."""

    column_list = ("person", "post", "start", "end")
    column_details_list = form_columns = (*column_list, "note_zh", "note_en")
    column_searchable_list = ("start", "end", "note_zh", "note_en")
    column_sortable_list = (("person", "person.code"), ("post", "post.code"), "start", "end")
    form_args: ClassVar[dict[str, Any]] = {"start": {"validators": [_EDTF]}, "end": {"validators": [_EDTF]}}


class OrganisationView(_Kept):
    """Units that can be responsible."""

    column_list = column_details_list = form_columns = (
        "code",
        "name_zh",
        "name_en",
        "kind",
        "jurisdiction",
        "parent",
    )
    column_searchable_list = ("code", "name_zh", "name_en")
    column_sortable_list = ("code", "name_zh", "name_en", "kind")
    column_default_sort = "code"
    narrowed_by = ("kind",)


class VocabularyView(_Kept):
    """Lists of terms."""

    column_list = form_columns = ("code", "name_zh", "name_en")
    column_details_list = ("code", "name_zh", "name_en", "terms")
    column_searchable_list = column_sortable_list = ("code", "name_zh", "name_en")
    column_default_sort = "code"


class TermView(_Kept):
    """Entries of the lists."""

    column_list = column_details_list = form_columns = ("vocabulary", "position", "code", "name_zh", "name_en")
    column_searchable_list = ("code", "name_zh", "name_en")
    column_sortable_list = (("vocabulary", "vocabulary.code"), "position", "code", "name_zh", "name_en")
    column_default_sort: ClassVar[list[tuple[str, bool]]] = [("vocabulary.code", False), ("position", False)]
    form_args: ClassVar[dict[str, Any]] = {"position": {"validators": [NumberRange(min=1, max=100_000)]}}

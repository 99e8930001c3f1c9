"""Word documents: A4, fonts for Chinese and for the rest, headings to walk along, headers of tables that repeat."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table
    from docx.text.paragraph import Paragraph

#: Fonts of Latin letters and of Chinese characters, which Word and WPS have.
_LATIN, _CHINESE = "Calibri", "微软雅黑"

#: When every document says that it was made: two that say the same are then the same file.
_MADE = datetime(2020, 1, 1, tzinfo=UTC).replace(tzinfo=None)

#: Width and height of A4, in millimetres, its margin, and that of a wide table.
_A4, _MARGIN, _NARROW = (210, 297), 20, 10

_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"


def document(title: str, subject: str, language: str, *, across: bool = False) -> Document:
    """An empty document in `zh` or `en`, A4 (`across`: landscape), with title in its properties and page numbers."""
    import docx  # noqa: PLC0415 - only documents need it
    from docx.enum.section import WD_ORIENT  # noqa: PLC0415
    from docx.shared import Mm, Pt  # noqa: PLC0415

    made = docx.Document()
    section = made.sections[0]
    section.page_width, section.page_height = (Mm(side) for side in (reversed(_A4) if across else _A4))
    section.orientation = WD_ORIENT.LANDSCAPE if across else WD_ORIENT.PORTRAIT
    margin = Mm(_NARROW if across else _MARGIN)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = margin
    said = made.core_properties
    said.title, said.subject, said.author = title, subject, "The tracker's authors"
    said.language = "zh-CN" if language == "zh" else "en"
    said.created = said.modified = _MADE
    said.comments, said.last_modified_by = "", ""
    for name in ("Normal", "Title", "Subtitle", "Heading 1", "Heading 2", "Heading 3", "List Bullet", "Quote"):
        _written_in(made.styles[name], "zh-CN" if language == "zh" else "en-US")
    made.styles["Normal"].font.size = Pt(10.5)
    field(section.footer.paragraphs[0], "PAGE")
    return made


def _written_in(style: Any, language: str) -> None:
    """A style in our fonts: `eastAsia` says which Chinese characters are drawn in, which Word would guess otherwise."""
    from docx.oxml.ns import qn  # noqa: PLC0415

    style.font.name = _LATIN
    properties = style.element.get_or_add_rPr()
    fonts = properties.get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:eastAsia"), _CHINESE)
    for old in properties.findall(qn("w:lang")):
        properties.remove(old)
    properties.append(_element("w:lang", val=language, eastAsia="zh-CN"))


def _element(name: str, **attributes: str) -> Any:
    from docx.oxml import OxmlElement  # noqa: PLC0415
    from docx.oxml.ns import qn  # noqa: PLC0415

    made = OxmlElement(name)
    for attribute, value in attributes.items():
        made.set(qn(f"w:{attribute}"), value)
    return made


def field(paragraph: Paragraph, code: str, shown: str = "") -> None:
    """A field that Word fills in: `PAGE`, or `TOC …`, whose `shown` stands there until then."""
    run = paragraph.add_run()
    run._r.append(_element("w:fldChar", fldCharType="begin"))  # noqa: SLF001 - python-docx has no fields
    instruction = _element("w:instrText")
    instruction.text = code
    run._r.append(instruction)  # noqa: SLF001
    run._r.append(_element("w:fldChar", fldCharType="separate"))  # noqa: SLF001
    paragraph.add_run(shown)
    paragraph.add_run()._r.append(_element("w:fldChar", fldCharType="end"))  # noqa: SLF001


def link(paragraph: Paragraph, text: str, url: str) -> None:
    """A link to a web address, in the colour and with the line of one."""
    from docx.oxml.ns import qn  # noqa: PLC0415
    from docx.shared import RGBColor  # noqa: PLC0415

    run = paragraph.add_run(text)
    run.font.underline, run.font.color.rgb = True, RGBColor(0x16, 0x4F, 0x7A)
    around = _element("w:hyperlink")
    around.set(qn("r:id"), paragraph.part.relate_to(url, _LINKS, is_external=True))
    around.append(run._r)  # noqa: SLF001 - python-docx reads links and does not write them
    paragraph._p.append(around)  # noqa: SLF001


def table(made: Document, headings: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[int] = ()) -> Table:
    """Add a table whose header is repeated on every page, and whose rows are not torn apart.

    With `widths` of its columns, in millimetres, it is set in small type.
    """
    drawn: Any = made.add_table(rows=1, cols=len(headings), style="Table Grid")
    for cell, words in zip(drawn.rows[0].cells, headings, strict=True):
        cell.text = words
        cell.paragraphs[0].runs[0].bold = True
    _row(drawn.rows[0], "w:tblHeader")
    for row in rows:
        added = drawn.add_row()
        _row(added, "w:cantSplit")
        for cell, words in zip(added.cells, row, strict=True):
            cell.text = words
    if widths:
        _fit(drawn, widths)
    found: Table = drawn
    return found


def _fit(drawn: Any, widths: Sequence[int]) -> None:
    """Columns of these widths, in small type."""
    from docx.shared import Mm, Pt  # noqa: PLC0415

    drawn.autofit = False
    for row in drawn.rows:
        for cell, characters in zip(row.cells, widths, strict=True):
            cell.width = Mm(characters)
            for run in cell.paragraphs[0].runs:
                run.font.size = Pt(8)


def _row(row: Any, name: str) -> None:
    row._tr.get_or_add_trPr().append(_element(name, val="true"))  # noqa: SLF001 - python-docx has no such property


def save(made: Document, out: IO[bytes]) -> None:
    """Write the document: the same bytes whenever it says the same."""
    first = io.BytesIO()
    made.save(first)
    with zipfile.ZipFile(first) as packed, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in packed.namelist():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, packed.read(name))

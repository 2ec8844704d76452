"""Corners that no reader reads yet, with the reason: by file, then by reason."""

OLD_OFFICE = "text of Word and PowerPoint before 2007 is not read; the report says so"
MADE_BY_PROGRAM = "what no program lets people write; a value here was put there by hand"
PDF_HIDDEN = "what a form draws on a hidden layer is not read; a copy loses it"
PDF_MARKED = "texts of points in the content of a page are not read; a copy loses them"

UNREAD = {
    "calc-xls.xls": {
        "formulas of rules, names and links are read only with their results": ["choice", "condition", "link-formula", "named-range"],
        "records of number formats, scenarios and shapes are not read": ["number-format", "scenario", "shape-name"],
        "names of properties are labels": ["property-name"],
    },
    "columns-none.parquet": {"metadata of a column lies in the schema of Arrow": ["field-metadata"]},
    "columns-snappy.parquet": {"metadata of a column lies in the schema of Arrow": ["field-metadata"]},
    "columns-zstd.parquet": {"metadata of a column lies in the schema of Arrow": ["field-metadata"]},
    "docx-embedded.docx": {
        "formats of numbers in charts are for programs": ["chart-number-format"],
        "binary data; the report says so": ["stray-binary"],
    },
    "docx-text.docx": {"comments of the markup, which no program writes": ["xml-comment"]},
    "docx-settings.docx": {"texts refer to styles by their names, which are not read": ["style-alias", "style-name"]},
    "mail-parts.eml": {"files in uuencode inside a text are not unpacked": ["uuencoded"]},
    "odf-drawing.odg": {"names of layers are not read": ["layer"]},
    "odf-flat.fodt": {"names of styles are not read": ["style"]},
    "odf-letter.odt": {"names of styles are not read": ["style"]},
    "odf-talk.odp": {"names of layers are not read": ["layer"]},
    "pack-behind.zip": {"what stands before the first file is no part of the archive": ["before"]},
    "pack-files.zip": {
        "binary data; the report says so": ["binary"],
        "the second name in the extra field is not read": ["unicode-name"],
    },
    "pack-pax.tar.gz": {"comments and attributes of pax are not read; a copy loses them": ["attribute", "comment", "global-comment"]},
    "pdf-attached.pdf": {
        "binary data; the report says so": ["binary"],
        "files for one system, and files beside a file, are not unpacked; a copy loses them": ["related"],
    },
    "pdf-drawn.pdf": {
        PDF_HIDDEN: ["hidden-form"],
        PDF_MARKED: ["marked-deeper", "marked-in-list", "marked-point"],
        "what no page shows in the state it is in is not read; a copy loses it": ["hidden-stamp-drawn", "other-state-drawn", "pressed-drawn", "touched-drawn", "undrawn-form"],
        "glyphs, patterns and masks are looks, so texts in them are not read; a copy loses them": ["glyph", "soft-mask", "tile"],
        MADE_BY_PROGRAM: ["content-comment", "mark", "unknown-instruction"],
    },
    "pdf-parts.pdf": {
        "texts with control signs are taken for binary data; a copy loses them": ["certificate", "control-sign-tooltip"],
        "pages that lie beside the others are not read; a copy loses them": ["template-page"],
    },
    "pdf-saved.pdf": {
        "what a later saving has replaced is not read; a copy loses it": ["former-page", "former-title"],
        MADE_BY_PROGRAM: ["behind-the-end", "comment"],
    },
    "picture-exif.jpg": {"what follows the end of a picture is no part of it; the report says so": ["behind-the-end"]},
    "pptx-parts.pptx": {
        "names of themes, of which Office brings its own along": ["theme-name"],
        MADE_BY_PROGRAM: ["object-program", "video-type"],
    },
    "rtf-parts.rtf": {"names of styles are not read": ["style"]},
    "tree-xml.xml": {"names of namespaces are for programs": ["namespace"]},
    "writer-doc.doc": {OLD_OFFICE: ["bookmark", "button", "cell", "comment-author", "comment", "deleted", "drop-item", "drop-name", "endnote", "field-default", "field-name", "first-footer", "first-header", "footnote", "frame-link", "frame", "hidden-field", "hidden", "if-false", "if-true", "index-key", "index-second", "index-text", "input", "inserted", "left-footer", "left-header", "link-frame", "link", "placeholder", "property-name", "right-footer", "right-header", "ruby", "split", "style", "text", "user-field", "variable"]},
    "writer-docx.docx": {
        "binary properties of ActiveX controls; the report says so": ["button", "field-default", "field-name"],
        "LibreOffice does not mark styles as people's own": ["style"],
    },
    "writer-rtf.rtf": {
        "binary properties of controls": ["field-default"],
        "names of properties are labels": ["property-name"],
        "names of styles are not read": ["style"],
    },
    "xls-cells.xls": {
        "results of formulas that the file does not hold": ["formula", "link-formula", "link-text"],
        "records of number formats and owners are not read": ["number-format", "owner"],
    },
    "xlsx-parts.xlsx": {
        "links in comments of a thread are read as its text": ["thread-link"],
        MADE_BY_PROGRAM: ["workbook-code-name"],
    },
}


# Of these a copy keeps the first half: it was cut where it was deleted, and half an address is none.
FRAGMENTS = {
    "base-rows.sqlite": {"what was overwritten in part is read as far as it is left, and not found": ["check", "view"]},
}


def flat(listed):
    """The reasons by value."""
    return {
        f"{name.split('.')[0]}-{corner}@example.org": reason
        for name, reasons in listed.items()
        for reason, corners in reasons.items()
        for corner in corners
    }

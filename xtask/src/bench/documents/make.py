"""Writes the documents that are measured: `make.py large FOLDER` some megabytes of each format, with a line of JSON for each
that says what it holds; `make.py small FOLDER COUNT` many small files of mixed formats.
"""

import io
import json
import pathlib
import sqlite3
import sys
from xml.sax.saxutils import escape

import pptx
import pyarrow
import pyarrow.parquet
import xlwt
import yaml
from material import COLUMNS, Material, csv_text, docx_file, json_lines, pdf_file, xlsx_file, zipped

OFFICE = "urn:oasis:names:tc:opendocument:xmlns"
NAMES = {name: f"{OFFICE}:{name}:1.0" for name in ["office", "text", "table", "drawing", "presentation", "style"]}
SPACES = " ".join(f'xmlns:{"draw" if name == "drawing" else name}="{uri}"' for name, uri in NAMES.items())


def open_document(kind, body):
    media = f"application/vnd.oasis.opendocument.{kind}"
    element = {"text": "text", "spreadsheet": "spreadsheet", "presentation": "presentation"}[kind]
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {SPACES} office:version="1.2"><office:body>'
        f"<office:{element}>{body}</office:{element}></office:body></office:document-content>"
    )
    manifest = (
        f'<?xml version="1.0" encoding="UTF-8"?><manifest:manifest xmlns:manifest="{OFFICE}:manifest:1.0" '
        f'manifest:version="1.2"><manifest:file-entry manifest:full-path="/" manifest:media-type="{media}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    parts = {"mimetype": media, "content.xml": content, "META-INF/manifest.xml": manifest}
    return zipped(parts, stored=["mimetype"])


def odt(paragraphs):
    return open_document("text", "".join(f"<text:p>{escape(text)}</text:p>" for text in paragraphs))


def ods(rows):
    def cell(value):
        if isinstance(value, (int, float)):
            kind = f'office:value-type="float" office:value="{value}"'
        else:
            kind = 'office:value-type="string"'
        return f"<table:table-cell {kind}><text:p>{value}</text:p></table:table-cell>"

    rows = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in [COLUMNS, *rows])
    return open_document("spreadsheet", f'<table:table table:name="people">{rows}</table:table>')


def odp(slides):
    pages = "".join(
        f'<draw:page draw:name="page{at}"><draw:frame><draw:text-box>'
        + "".join(f"<text:p>{escape(text)}</text:p>" for text in paragraphs)
        + "</draw:text-box></draw:frame></draw:page>"
        for at, paragraphs in enumerate(slides)
    )
    return open_document("presentation", pages)


def pptx_file(slides):
    deck = pptx.Presentation()
    layout = deck.slide_layouts[1]
    for title, *paragraphs in slides:
        shapes = deck.slides.add_slide(layout).shapes
        shapes.title.text = title[:40]
        shapes.placeholders[1].text = "\n".join(paragraphs)
    packed = io.BytesIO()
    deck.save(packed)
    return packed.getvalue()


def xls_file(rows):
    book = xlwt.Workbook()
    sheet = book.add_sheet("people")
    for at, row in enumerate([COLUMNS, *rows]):
        for column, value in enumerate(row):
            sheet.write(at, column, value)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def sqlite_file(path, rows):
    database = sqlite3.connect(path)
    database.execute(f"create table people ({', '.join(COLUMNS)})")
    database.executemany(f"insert into people values ({', '.join('?' * len(COLUMNS))})", rows)
    database.commit()
    database.close()


def rtf(paragraphs):
    body = "\n".join(rf"\pard\sa120 {{\b {text[:30]}}}{text[30:]}\par" for text in paragraphs)
    return r"{\rtf1\ansi\deff0{\fonttbl{\f0 Helvetica;}}" + "\n" + body + "\n}\n"


def large(folder):
    def made(name, content=None, count=None, unit=""):
        if content is not None:
            (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
        print(json.dumps({"file": name, "count": count, "unit": unit}))

    material = Material(1)
    prose = material.paragraphs(6_000_000)
    rows = material.rows(40_000)
    cells = len(rows) * len(COLUMNS)
    slides = [material.paragraphs(1_500) for _ in range(600)]
    records = [material.record(number) for number in range(1, 20_001)]

    pdf, pages = pdf_file(prose)
    made("letters.pdf", pdf, pages, "pages")
    made("letters.docx", docx_file(prose))
    made("letters.odt", odt(prose))
    made("letters.rtf", rtf(prose))
    made("people.xlsx", xlsx_file(rows), cells, "cells")
    made("people.xls", xls_file(rows), cells, "cells")
    made("people.ods", ods(rows), cells, "cells")
    made("talk.pptx", pptx_file(slides), len(slides), "slides")
    made("talk.odp", odp(slides), len(slides), "slides")
    made("letters.html", material.html(prose))
    made("people.xml", material.xml(30_000))
    made("people.csv", csv_text(rows), cells, "cells")
    made("people.json", json.dumps(records, indent=1))
    made("people.jsonl", json_lines(material, 20_000))
    made("people.yaml", yaml.dump(records[:5_000], Dumper=yaml.CSafeDumper, sort_keys=False))
    made("letter.eml", material.message(2_000_000))
    messages = [b"From mara@example.org Tue Mar  3 10:11:12 2026\n" + material.message(2_000).replace(b"\r\n", b"\n") for _ in range(800)]
    made("letters.mbox", b"\n".join(messages), len(messages), "messages")
    sqlite_file(folder / "people.sqlite", rows)
    made("people.sqlite", count=cells, unit="cells")
    table = pyarrow.table({name: [row[at] for row in rows] for at, name in enumerate(COLUMNS)})
    pyarrow.parquet.write_table(table, folder / "people.parquet")
    made("people.parquet", count=cells, unit="cells")
    texts = {f"letters/{at}.txt": "\n\n".join(prose[at::50]) for at in range(50)}
    made("letters.zip", zipped(texts), len(texts), "entries")
    made("letters.txt", "\n\n".join(prose))


def small(folder, count):
    material = Material(2)

    def size():
        return material.random.randrange(500, 12_000)

    def rows():
        return material.rows(material.random.randrange(5, 120))

    def archive():
        return zipped({"letter.txt": "\n".join(material.paragraphs(size())), "people.csv": csv_text(rows())})

    kinds = {
        "txt": lambda: "\n\n".join(material.paragraphs(size())),
        "csv": lambda: csv_text(rows()),
        "json": lambda: json.dumps([material.record(at) for at in range(20)], indent=1),
        "jsonl": lambda: json_lines(material, 20),
        "yaml": lambda: yaml.dump([material.record(at) for at in range(10)], Dumper=yaml.CSafeDumper),
        "html": lambda: material.html(material.paragraphs(size())),
        "xml": lambda: material.xml(40),
        "md": lambda: "# Letter\n\n" + "\n\n".join(material.paragraphs(size())),
        "eml": lambda: material.message(size() // 2),
        "docx": lambda: docx_file(material.paragraphs(size())),
        "xlsx": lambda: xlsx_file(rows()),
        "pdf": lambda: pdf_file(material.paragraphs(size()))[0],
        "odt": lambda: odt(material.paragraphs(size())),
        "zip": archive,
    }
    for number in range(count):
        kind = list(kinds)[number % len(kinds)]
        # A folder of thousands of files is rare.
        place = folder / f"{number // 200:03}"
        place.mkdir(exist_ok=True)
        content = kinds[kind]()
        (place / f"{number:05}.{kind}").write_bytes(content.encode() if isinstance(content, str) else content)


if sys.argv[1] == "large":
    large(pathlib.Path(sys.argv[2]))
else:
    small(pathlib.Path(sys.argv[2]), int(sys.argv[3]))

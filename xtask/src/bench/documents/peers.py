"""Reads one file with each of Python's readers of its format: `peers.py FILE`.

Prints a line of JSON for each: its name, and the seconds of processor time of the best round with the bytes of text it gave, or why there are
none. A reader has the file in memory and gives all text in it.
"""

import csv
import email
import email.policy
import importlib
import io
import json
import mailbox
import pathlib
import sqlite3
import sys
import time
import zipfile


def texts(value):
    """Every key and value of parsed JSON or YAML."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    else:
        yield str(value)


def joined(values):
    return "\n".join(values)


def cells(rows):
    return "\n".join("\t".join("" if cell is None else str(cell) for cell in row) for row in rows)


def python_docx(data, _, docx):
    return joined(paragraph.text for paragraph in docx.Document(io.BytesIO(data)).paragraphs)


def odfpy(data, _, odf):
    opendocument, teletype, text = (importlib.import_module(f"odf.{name}") for name in ["opendocument", "teletype", "text"])
    document = opendocument.load(io.BytesIO(data))
    return joined(teletype.extractText(paragraph) for paragraph in document.getElementsByType(text.P))


def striprtf(data, _, striprtf):
    return importlib.import_module("striprtf.striprtf").rtf_to_text(data.decode())


def openpyxl(data, _, openpyxl):
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    return joined(cells(sheet.iter_rows(values_only=True)) for sheet in book)


def xlrd(data, _, xlrd):
    return joined(cells(map(sheet.row_values, range(sheet.nrows))) for sheet in xlrd.open_workbook(file_contents=data))


def python_pptx(data, _, pptx):
    deck = pptx.Presentation(io.BytesIO(data))
    return joined(shape.text_frame.text for slide in deck.slides for shape in slide.shapes if shape.has_text_frame)


def beautifulsoup(data, _, bs4):
    return bs4.BeautifulSoup(data, "lxml").get_text()


def lxml_html(data, _, lxml):
    return importlib.import_module("lxml.html").fromstring(data).text_content()


def lxml_etree(data, _, lxml):
    return joined(importlib.import_module("lxml.etree").fromstring(data).itertext())


def csv_module(data, _, csv):
    return cells(csv.reader(io.StringIO(data.decode())))


def json_module(data, _, json):
    return joined(texts(json.loads(data)))


def json_of_lines(data, _, json):
    return joined(joined(texts(json.loads(line))) for line in data.splitlines())


def pyyaml(data, _, yaml):
    # The fast loader, written in C.
    return joined(texts(yaml.load(data, Loader=yaml.CSafeLoader)))


def parts(message):
    headers = joined(f"{name}: {value}" for name, value in message.items())
    bodies = (part.get_content() for part in message.walk() if part.get_content_maintype() == "text")
    return joined([headers, *bodies])


def email_module(data, _, email):
    return parts(email.message_from_bytes(data, policy=email.policy.default))


def mailbox_module(_, path, mailbox):
    messages = mailbox.mbox(path, factory=lambda file: email.message_from_binary_file(file, policy=email.policy.default))
    return joined(map(parts, messages))


def sqlite3_module(_, path, sqlite3):
    return cells(sqlite3.connect(path).execute("select * from people"))


def pyarrow(data, _, pyarrow):
    table = importlib.import_module("pyarrow.parquet").read_table(io.BytesIO(data), use_threads=False)
    return cells(zip(*(column.to_pylist() for column in table.columns)))


def zipfile_module(data, _, zipfile):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return joined(archive.read(name).decode() for name in archive.namelist())


def decode(data, _, __):
    return data.decode()


# Per extension: the name of the peer, the module it needs, how it reads.
READERS = {
    "docx": [("python-docx", "docx", python_docx)],
    "odt": [("odfpy", "odf", odfpy)],
    "ods": [("odfpy", "odf", odfpy)],
    "odp": [("odfpy", "odf", odfpy)],
    "rtf": [("striprtf", "striprtf", striprtf)],
    "xlsx": [("openpyxl", "openpyxl", openpyxl)],
    "xls": [("xlrd", "xlrd", xlrd)],
    "pptx": [("python-pptx", "pptx", python_pptx)],
    "html": [("beautifulsoup", "bs4", beautifulsoup), ("lxml.html", "lxml", lxml_html)],
    "xml": [("lxml.etree", "lxml", lxml_etree)],
    "csv": [("csv", "csv", csv_module)],
    "json": [("json", "json", json_module)],
    "jsonl": [("json", "json", json_of_lines)],
    "yaml": [("PyYAML", "yaml", pyyaml)],
    "eml": [("email", "email", email_module)],
    "mbox": [("mailbox", "mailbox", mailbox_module)],
    "sqlite": [("sqlite3", "sqlite3", sqlite3_module)],
    "parquet": [("pyarrow", "pyarrow", pyarrow)],
    "zip": [("zipfile", "zipfile", zipfile_module)],
    "txt": [("bytes.decode", "builtins", decode)],
}
# Rounds beyond the first begin only within so many seconds of processor time.
PATIENCE = 4
ROUNDS = 5


def measure(read, data, path, module):
    begun = time.process_time()
    best, size = float("inf"), 0
    for _ in range(ROUNDS):
        start = time.process_time()
        text = read(data, path, module)
        best = min(best, time.process_time() - start)
        size = len(text)
        if time.process_time() - begun > PATIENCE:
            break
    return {"seconds": best, "text": size}


path = pathlib.Path(sys.argv[1])
for name, module, read in READERS.get(path.suffix[1:], []):
    try:
        answer = measure(read, path.read_bytes(), str(path), importlib.import_module(module))
    except Exception as error:
        answer = {"skipped": f"{type(error).__name__}: {error}"}
    print(json.dumps({"peer": name, **answer}))

"""Sentences, rows and whole files of invented people, the same at every run."""

import email.message
import email.policy
import io
import json
import random
import zipfile
from xml.sax.saxutils import escape

import docx
import xlsxwriter
from reportlab import rl_config
from reportlab.pdfbase import pdfmetrics, ttfonts
from reportlab.pdfgen import canvas

GIVEN = "Mara Tom Ida Jan Eva Kai Nora Paul Lena Emil Ada Finn Rosa Theo Ines Otto".split()
FAMILY = "Lind Roth Berg Falk Sand Weber Moreno Dubois Novak Costa Jansen Hale Brook Marsh".split()
CITY = "Dunmore Ashford Milltown Norwick Eastham Larkfield Seabrook Redhill".split()
WORDS = """the a our this that each new old last next first second order invoice letter meeting report contract delivery
payment account customer office team project question answer date week month year price offer change request problem
result part list number note file page table plan system service machine room house street garden river summer winter
morning evening water paper window door market school company please send keep bring write read find give take make see
show open close begin finish move wait call ask tell know think hope need want should could would may must will before
after under over between through about against with without for from into onto because although while when where and or
but not only also still often never always quickly slowly clearly early late good small large long short full empty
green blue white black warm cold quiet busy simple careful ready certain possible common public""".split()
COLUMNS = ["id", "name", "email", "phone", "city", "date", "balance", "note"]

rl_config.useA85 = 0
# An embedded font with a table of characters, as word processors write it.
pdfmetrics.registerFont(ttfonts.TTFont("Vera", "Vera.ttf"))


class Material:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def person(self):
        given, family = self.random.choice(GIVEN), self.random.choice(FAMILY)
        number = self.random.randrange(100_000)
        return f"{given} {family}", f"{given}.{family}{number}@example.org".lower()

    def phone(self):
        return f"+1 541-{self.random.randrange(200, 900)}-{self.random.randrange(10_000):04}"

    def sentence(self):
        words = self.random.choices(WORDS, k=self.random.randrange(8, 22))
        text = " ".join(words).capitalize()
        if self.random.random() < 0.15:
            name, address = self.person()
            text += f"; write to {name} at {address} or call {self.phone()}"
        return text + "."

    def paragraph(self, sentences=5):
        return " ".join(self.sentence() for _ in range(sentences))

    def paragraphs(self, size):
        """Some that are together at least so many characters long."""
        made, total = [], 0
        while total < size:
            made.append(self.paragraph(self.random.randrange(1, 7)))
            total += len(made[-1])
        return made

    def row(self, number):
        name, address = self.person()
        date = f"20{self.random.randrange(10, 26)}-{self.random.randrange(1, 13):02}-{self.random.randrange(1, 29):02}"
        balance = self.random.randrange(10_000_000) / 100
        note = " ".join(self.random.choices(WORDS, k=self.random.randrange(2, 9)))
        return [number, name, address, self.phone(), self.random.choice(CITY), date, balance, note]

    def rows(self, count):
        return [self.row(number) for number in range(1, count + 1)]

    def record(self, number):
        record = dict(zip(COLUMNS, self.row(number)))
        record["address"] = {"city": record.pop("city"), "active": number % 3 == 0, "tags": self.random.choices(WORDS, k=2)}
        return record

    def message(self, size):
        message = email.message.EmailMessage(policy=email.policy.SMTP)
        for header in ["From", "To"]:
            name, address = self.person()
            message[header] = f"{name} <{address}>"
        message["Subject"] = " ".join(self.random.choices(WORDS, k=5))
        message["Date"] = "Tue, 03 Mar 2026 10:11:12 +0000"
        message["Message-ID"] = f"<{self.random.randrange(1 << 60)}@example.org>"
        paragraphs = self.paragraphs(size)
        message.set_content("\n\n".join(paragraphs), cte="quoted-printable")
        message.add_alternative(self.html(paragraphs), subtype="html", cte="base64")
        return message.as_bytes()

    def html(self, paragraphs):
        body = "\n".join(
            f'<div class="entry"><h2>{paragraph[:20]}</h2><p>{escape(paragraph)} <a href="/p/{at}">more</a></p></div>'
            for at, paragraph in enumerate(paragraphs)
        )
        return f"<!doctype html>\n<html><head><title>Letters</title></head><body>\n{body}\n</body></html>\n"

    def xml(self, count):
        people = "".join(
            f'<person id="{row[0]}"><name>{row[1]}</name><email>{row[2]}</email><phone>{row[3]}</phone><note>{row[7]}</note></person>\n'
            for row in self.rows(count)
        )
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<people>\n{people}</people>\n'


def csv_text(rows):
    lines = [",".join(COLUMNS), *(",".join(f'"{cell}"' if " " in str(cell) else str(cell) for cell in row) for row in rows)]
    return "\n".join(lines) + "\n"


def json_lines(material, count):
    return "".join(json.dumps(material.record(number)) + "\n" for number in range(count))


def zipped(parts, stored=()):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content, zipfile.ZIP_STORED if name in stored else None)
    return packed.getvalue()


def docx_frame():
    """The parts of an empty document; its library adds paragraphs far too slowly for megabytes of them."""
    empty = io.BytesIO()
    docx.Document().save(empty)
    with zipfile.ZipFile(empty) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


FRAME = docx_frame()


def docx_file(paragraphs):
    def run(text, bold):
        properties = "<w:rPr><w:b/></w:rPr>" if bold else ""
        return f'<w:r>{properties}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'

    body = "".join(
        f'<w:p><w:pPr><w:spacing w:after="120"/></w:pPr>{run(text[:30], True)}{run(text[30:], False)}</w:p>'
        for text in paragraphs
    )
    before, after = FRAME["word/document.xml"].decode().split("<w:body>")
    sections = after[after.index("<w:sectPr") :]
    return zipped({**FRAME, "word/document.xml": f"{before}<w:body>{body}{sections}"})


def xlsx_file(rows):
    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed, {"in_memory": True}) as book:
        sheet = book.add_worksheet("people")
        for at, row in enumerate([COLUMNS, *rows]):
            sheet.write_row(at, 0, row)
    return packed.getvalue()


def pdf_file(paragraphs, lines_on_page=48, width=90):
    """The file and how many pages it has."""
    packed = io.BytesIO()
    page = canvas.Canvas(packed, pagesize=(595, 842), pageCompression=1, invariant=1)
    lines = [text[at : at + width] for text in paragraphs for at in range(0, len(text), width)]
    pages = [lines[at : at + lines_on_page] for at in range(0, len(lines), lines_on_page)]
    for lines in pages:
        text = page.beginText(50, 780)
        text.setFont("Vera", 10)
        text.setLeading(15)
        for line in lines:
            text.textLine(line)
        page.drawText(text)
        page.showPage()
    page.save()
    return packed.getvalue(), len(pages)

"""PDFs that hold files, and whole PDFs as programs save them: again, packed, locked."""

import io
import pathlib
import subprocess
import tempfile

from PIL import Image, ImageDraw, ImageFont
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, NumberObject
from reportlab.lib.utils import ImageReader

from pdf import dictionary, name, numbers, page, stream, text, written
from planting import Planted, zipped


def sheet(title, words):
    """A PDF of one page."""
    out, draw = page(packed=False)
    draw.setTitle(title)
    draw.drawString(20, 280, words)
    draw.save()
    return out.getvalue()


def attached():
    at = Planted("pdf-attached.pdf")

    def attach(writer, called, content, key="F", **entries):
        """A file in the file, as readers list it."""
        file = writer._add_object(stream(content, Type=name("EmbeddedFile"), Params=dictionary(Size=NumberObject(len(content)))))
        return writer._add_object(dictionary(Type=name("Filespec"), F=text(called), EF=dictionary(**{key: file}), **entries))

    def listed(files):
        pairs = [item for number, file in enumerate(files) for item in [text(f"file {number}"), file]]
        return dictionary(EmbeddedFiles=dictionary(Names=ArrayObject(pairs)))

    def table(corner):
        return f"mail\n{at(corner)}\n".encode()

    inner = PdfWriter(clone_from=io.BytesIO(sheet(at("inner-title"), at("inner-page"))))
    inner._root_object[name("Names")] = listed([attach(inner, at("inner-name") + ".csv", table("inner-attachment"))])
    outer = PdfWriter(clone_from=io.BytesIO(sheet("x", at("page"))))
    root, add = outer._root_object, outer._add_object
    related = add(stream(table("related"), Type=name("EmbeddedFile")))
    root[name("Names")] = listed([
        attach(outer, "inner.pdf", written(inner)),
        attach(outer, "a.zip", zipped({"b.csv": table("zipped")})),
        attach(outer, at("name") + ".csv", table("attachment"), Desc=text(at("description")), CI=dictionary(Type=name("CollectionItem"), who=text(at("portfolio-value")), of=dictionary(D=text(at("portfolio-subitem")), P=text(at("portfolio-prefix"))))),
        attach(outer, "unicode.csv", table("by-unicode-name"), key="UF", UF=text(at("unicode-name") + "ж.csv")),
        attach(outer, "unix.csv", table("of-unix"), key="Unix", Unix=text(at("unix-name"))),
        attach(outer, "related.csv", table("with-related"), RF=dictionary(F=ArrayObject([text(at("related-name")), related]))),
        attach(outer, "picture.bin", b"\x00\x01" + at("binary").encode() + b"\x02\xff"),
    ])
    root[name("AF")] = ArrayObject([attach(outer, "data.csv", table("associated"), AFRelationship=name("Data"))])
    note = dictionary(Type=name("Annot"), Subtype=name("FileAttachment"), Rect=numbers(0, 0, 9, 9), FS=attach(outer, at("note-file-name"), table("note-file")), Contents=text(at("note")))
    outer.pages[0][name("Annots")] = ArrayObject([add(note)])
    at.write(written(outer))


def saved():
    """Saved again: the later pages and title stand behind the former, which stay in the file."""
    at = Planted("pdf-saved.pdf")
    former = sheet(at("former-title"), at("former-page"))
    writer = PdfWriter(io.BytesIO(former), incremental=True)
    writer.add_metadata({"/Title": at("title")})
    contents = writer.pages[0]["/Contents"].get_object()
    later = stream(f"BT /F1 8 Tf 20 280 Td ({at('page')}) Tj ET")
    contents.clear()
    contents.update(later)
    contents._data = later._data
    again = written(writer)
    comment = f"% {at('comment')}\n".encode()
    at.write(again + comment + at("behind-the-end").encode() + b"\n")


def packed():
    """Objects in streams of objects, read from the end and from the start; and locked without a password."""
    for called, options in [
        ("pdf-packed.pdf", ["--object-streams=generate", "--linearize", "--deterministic-id"]),
        ("pdf-locked.pdf", ["--encrypt", "", "owner", "128", "--use-aes=y", "--", "--static-id", "--static-aes-iv"]),
    ]:
        at = Planted(called)
        writer = PdfWriter(clone_from=PdfReader(io.BytesIO(sheet(at("title"), at("page")))))
        notes = [dictionary(Type=name("Annot"), Subtype=name("Text"), Rect=numbers(0, 0, 9, 9), Contents=text(at("note")), T=text(at("note-author")))]
        writer.pages[0][name("Annots")] = ArrayObject(map(writer._add_object, notes))
        with tempfile.TemporaryDirectory() as folder:
            plain = pathlib.Path(folder) / "plain.pdf"
            plain.write_bytes(written(writer))
            subprocess.run(["qpdf", *options, plain, at.path], check=True)


def scanned():
    """Pages that are pictures: in grey, in black and white under a number that was stamped on, and lying on their side."""
    at = Planted("pdf-scan.pdf")
    out, draw = page()

    def picture(corner, mode="L"):
        paper = Image.new("L", (1000, 500), 255)
        ImageDraw.Draw(paper).text((50, 100), f"Please write to\n{at(corner)}\nuntil Friday.", 0, ImageFont.load_default(48), spacing=30)
        return paper.convert(mode)

    draw.drawImage(ImageReader(picture("grey")), 0, 150, 300, 150)
    draw.showPage()
    draw.drawImage(ImageReader(picture("black-and-white", "1")), 0, 150, 300, 150)
    draw.setFont("Helvetica", 6)
    draw.drawString(200, 10, "0001234")
    draw.showPage()
    draw.setPageRotation(90)
    draw.drawImage(ImageReader(picture("turned").rotate(90, expand=True)), 0, 0, 150, 300)
    draw.showPage()
    draw.save()
    at.write(out.getvalue())


def make():
    attached()
    scanned()
    saved()
    packed()

"""Makes the files beside this one with programs that are not this project's.

pip install Pillow piexif xlwt extract-msg python-oxmsg ebooklib PyYAML ruamel.yaml nbclient ipykernel pandas

Pandoc is called as a program.
"""

import datetime
import io
import pathlib
import subprocess

import nbclient
import nbformat
import piexif
import ruamel.yaml
import xlwt
import yaml
from PIL import Image, PngImagePlugin

HERE = pathlib.Path(__file__).parent


def pictures():
    picture = Image.new("RGB", (8, 8), (200, 10, 10))
    tiff, camera, gps = piexif.ImageIFD, piexif.ExifIFD, piexif.GPSIFD
    exif = piexif.dump({
        "0th": {
            tiff.Artist: b"Mara Lind",
            tiff.Copyright: b"(c) Mara Lind",
            tiff.Make: b"Cam",
            tiff.Model: b"Cam 5",
            tiff.ImageDescription: b"Tom at home",
            tiff.XPAuthor: "Zoë Roth".encode("utf-16le"),
            tiff.HostComputer: b"Eva's phone",
        },
        "Exif": {
            camera.UserComment: b"ASCII\0\0\0call 030 1234567",
            camera.CameraOwnerName: b"Jan Roth",
            camera.BodySerialNumber: b"SN-4711",
            camera.LensSerialNumber: b"LS-88",
            camera.DateTimeOriginal: b"2025:03:04 10:11:12",
        },
        "GPS": {
            gps.GPSLatitudeRef: b"N",
            gps.GPSLatitude: ((52, 1), (31, 1), (12, 1)),
            gps.GPSLongitudeRef: b"W",
            gps.GPSLongitude: ((13, 1), (24, 1), (18, 1)),
            gps.GPSAltitude: (34, 1),
        },
    })
    picture.save(HERE / "exif.jpg", exif=exif, comment=b"comment by Ida Lind")
    for name in ["exif.webp", "exif.png", "exif.avif"]:
        picture.save(HERE / name, exif=exif)
    picture.save(HERE / "exif.tiff", tiffinfo={315: "Mara Lind", 270: "Tom at home"})
    picture.save(HERE / "comment.gif", comment=b"gif by Mara")
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", "Mara Lind")
    texts.add_text("Comment", "call Zoë", zip=True)
    texts.add_itxt("Title", "für Ida", "de", "Titel", zip=True)
    texts.add_itxt(
        "XML:com.adobe.xmp",
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="r"><rdf:Description xmlns:dc="d"><dc:creator>'
        "<rdf:Seq><rdf:li>Kai Lind</rdf:li></rdf:Seq></dc:creator></rdf:Description></rdf:RDF></x:xmpmeta>",
    )
    picture.save(HERE / "text.png", pnginfo=texts)


def workbook():
    book = xlwt.Workbook()
    people = book.add_sheet("Leute")
    for column, name in enumerate(["name", "born", "phone", "mail"]):
        people.write(0, column, name)
    people.write(1, 0, "Zoë Lind")
    people.write(1, 1, datetime.date(1983, 9, 10), xlwt.easyxf(num_format_str="DD.MM.YYYY"))
    people.write(1, 2, 49301234567)
    people.write(1, 3, xlwt.Formula('HYPERLINK("mailto:zoe@example.org";"mail")'))
    # More strings than one record of the table holds.
    for row in range(100):
        people.write(row + 2, 0, f"row {row} " + "ä" * (row + 40))
    hidden = book.add_sheet("Intern")
    hidden.write(0, 0, "hidden Tom")
    hidden.visibility = 1
    book.save(HERE / "people.xls")


def notes():
    people = [
        {"name": "Zoë Lind", "mail": "zoe@example.org", "tags": ["a: b", "- c", "# d", "it's", "", "12", "yes"]},
        {"name": "Tom Roth", "note": "two\nlines of Tom\n", "long": "word " * 30 + "Mara Lind", "bell": "\a\t\u2028"},
    ]
    with open(HERE / "people.yaml", "w", encoding="utf-8") as file:
        for style in [None, '"', "'", "|", ">"]:
            yaml.dump(people, file, allow_unicode=style is None, default_style=style, explicit_start=True)
        yaml.dump(people + people, file, default_flow_style=True, explicit_start=True)
    kept = ruamel.yaml.YAML()
    team = kept.load("""\
# Kept by Ida Lind
base: &mara   # of Mara
  name: Mara Lind
  pin: 0815
lead:
  <<: *mara
  note: >
    folded for
    Mara

    Lind
other: [*mara, {name: Kai}]
""")
    team["lead"]["born"] = datetime.date(1983, 9, 10)
    team.yaml_add_eol_comment("seen by Eva", "other")
    kept.dump(team, HERE / "team.yaml")
    subprocess.run(
        ["pandoc", "-f", "html", "-t", "markdown", "-s", "-o", HERE / "page.md",
         "-M", "author=Mara Lind", "-M", "author=Tom: Roth", "-M", "abstract=first\n\nsecond of Zoë"],
        input="<title>Notes</title><h1>Call</h1><p>Ida: 030 123456</p>", text=True, check=True,
    )


def notebook():
    picture = io.BytesIO()
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", "Ida Lind")
    Image.new("RGB", (4, 4)).save(picture, "png", pnginfo=texts)
    cells = nbformat.v4
    book = cells.new_notebook(metadata={"authors": [{"name": "Mara Lind"}]}, cells=[
        cells.new_markdown_cell("# People\nof Zoë Lind"),
        cells.new_code_cell("""\
import sys, pandas
from IPython.display import display, Image
print("\\033[1mmail\\033[0m tom@\\033[31mexample.org\\033[0m")
print("to Kai", file=sys.stderr)
display(Image(data=%r, format="png"))
pandas.DataFrame({"name": ["Eva <Roth> & Jo"], "phone": ["030 123456"]})""" % picture.getvalue()),
        cells.new_code_cell("def call(name):\n    raise KeyError(name)\ncall('Ben Lind')"),
    ])
    nbclient.NotebookClient(book, allow_errors=True, kernel_name="python3").execute()
    for number, cell in enumerate(book.cells):
        cell.id = f"cell{number}"
        cell.metadata.pop("execution", None)
    nbformat.write(book, HERE / "people.ipynb")


if __name__ == "__main__":
    pictures()
    workbook()
    notes()
    notebook()

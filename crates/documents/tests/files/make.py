"""Makes the files beside this one with programs that are not this project's.

pip install Pillow piexif xlwt extract-msg python-oxmsg ebooklib openpyxl python-pptx
Those of LibreOffice are copies by `soffice --headless --convert-to`.
"""

import datetime
import pathlib
import subprocess
import tempfile

import openpyxl
import piexif
import pptx.chart.data
import pptx.enum.chart
import xlwt
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


def office_workbook():
    book = openpyxl.Workbook()
    people = book.active
    people.title = "Leute"
    people.append(["name", "born", "phone", "mail", "member", "visit"])
    people.append(["Zoë Lind", datetime.date(1983, 9, 10), 49301234567, "zoe@example.org", True, None])
    people.append(["Tom Roth", None, "030 7654321", '="tom@" & "example.org"', False, datetime.datetime(2025, 3, 4, 10, 11)])
    people["B2"].number_format = "DD.MM.YYYY"
    people["D2"].hyperlink = openpyxl.worksheet.hyperlink.Hyperlink(
        ref="D2", target="mailto:zoe.private@example.org", tooltip="write to Zoë"
    )
    people["A3"].comment = openpyxl.comments.Comment("ask Ida Lind", "Eva Roth")
    people["A2"].value = openpyxl.cell.rich_text.CellRichText(
        "Zoë ", openpyxl.cell.rich_text.TextBlock(openpyxl.cell.text.InlineFont(b=True), "Lind")
    )
    people.oddHeader.left.text = "for Kai Lind"
    people.column_dimensions["C"].hidden = True
    people.row_dimensions[3].hidden = True
    choice = openpyxl.worksheet.datavalidation.DataValidation(type="list", formula1='"Mara,Tom"', prompt="ask Jan", promptTitle="who")
    choice.add("F2")
    people.add_data_validation(choice)
    people.add_table(openpyxl.worksheet.table.Table(displayName="Members", ref="A1:F3"))
    book.defined_names["owner"] = openpyxl.workbook.defined_name.DefinedName("owner", attr_text='"Ada Roth"')
    for title, state in [("Intern", "hidden"), ("Tief", "veryHidden")]:
        sheet = book.create_sheet(title)
        sheet["C5"] = f"secret of {title}"
        sheet.sheet_state = state
    chart = openpyxl.chart.BarChart()
    chart.title = "Visits of Mara"
    chart.add_data(openpyxl.chart.Reference(people, min_col=3, min_row=1, max_row=3), titles_from_data=True)
    people.add_chart(chart, "H2")
    book.properties.creator = "Jan Lind"
    book.properties.lastModifiedBy = "Eva Lind"
    book.custom_doc_props.append(openpyxl.packaging.custom.StringProperty(name="client", value="Ida Roth"))
    book.save(HERE / "people.xlsx")
    convert("people.xlsx", "xlsx", "people-libreoffice.xlsx")


def presentation():
    show = pptx.Presentation()
    show.core_properties.author, show.core_properties.last_modified_by = "Jan Lind", "Eva Lind"
    title, blank = show.slide_layouts[0], show.slide_layouts[6]
    for layout in list(show.slide_layouts):
        if layout not in (title, blank):
            show.slide_layouts.remove(layout)
    # The template's own picture of its first page.
    package = show.part.package
    for relation in [key for key, value in package._rels.items() if "thumbnail" in value.reltype]:
        package._rels.pop(relation)
    inch = pptx.util.Inches(1)
    first = show.slides.add_slide(title)
    first.shapes.title.text = "About Mara Lind"
    first.placeholders[1].text = "second\nTom Roth"
    first.notes_slide.notes_text_frame.text = "do not name Kai Roth"
    second = show.slides.add_slide(blank)
    box = second.shapes.add_textbox(inch, inch, inch, inch).text_frame
    run = box.paragraphs[0].add_run()
    run.text = "write to Zoë"
    run.hyperlink.address = "mailto:zoe@example.org"
    table = second.shapes.add_table(2, 2, inch, inch, inch, inch).table
    table.cell(0, 0).text, table.cell(0, 1).text = "name", "phone"
    table.cell(1, 0).text, table.cell(1, 1).text = "Ida Roth", "030 1234567"
    picture = second.shapes.add_picture(str(HERE / "text.png"), inch, inch)
    picture._element.nvPicPr.cNvPr.set("descr", "Eva at home")
    picture.name = "eva-roth.png"
    data = pptx.chart.data.CategoryChartData()
    data.categories = ["Ada Lind", "Jo Lind"]
    data.add_series("visits", (3, 4))
    second.shapes.add_chart(pptx.enum.chart.XL_CHART_TYPE.PIE, inch, inch, inch, inch, data)
    second._element.set("show", "0")
    show.save(HERE / "talk.pptx")


def convert(source, kind, target):
    with tempfile.TemporaryDirectory() as folder:
        profile = f"-env:UserInstallation=file://{folder}/profile"
        subprocess.run(
            ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", folder, HERE / source], check=True
        )
        (HERE / target).write_bytes((pathlib.Path(folder) / source).read_bytes())


if __name__ == "__main__":
    pictures()
    workbook()
    office_workbook()
    presentation()

"""Makes the files beside this one with programs that are not this project's.

pip install Pillow piexif xlwt extract-msg python-oxmsg ebooklib openpyxl python-pptx PyYAML ruamel.yaml nbclient ipykernel \
    pandas pyarrow numpy
apt install libreoffice-writer libreoffice-calc libreoffice-impress python3-uno pandoc
"""

import datetime
import decimal
import io
import pathlib
import sqlite3
import subprocess
import sys
import tempfile

import nbclient
import nbformat
import numpy
import openpyxl
import piexif
import pptx.chart.data
import pptx.enum.chart
import pyarrow
import pyarrow.parquet
import ruamel.yaml
import xlwt
import yaml
from PIL import Image, PngImagePlugin

HERE = pathlib.Path(__file__).parent
sys.path.append(str(HERE.parents[2] / "cli" / "tests" / "corners"))

from office import Office, Writer, add_chart, add_choice, add_control, add_link, add_shape


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


def new(office, kind):
    """A document by Jan Roth, on the machine of Eva Roth."""
    document = office.new(kind, ("Eva", "Roth"), Author="Jan Roth", Title="About Ida", Keywords=("Kai", "Lind"))
    document.DocumentProperties.UserDefinedProperties.addProperty("Client", 128, "Mia Lind")
    return document


def letter():
    with Office() as office:
        doc = new(office, "swriter")
        writer = Writer(doc)
        cursor, put, end, insert, last = writer.cursor, writer.put, writer.end, writer.insert, writer.last
        put("Dear Ma")
        cursor.CharWeight = 150.0
        put("ra Li")
        cursor.CharWeight = 100.0
        put("nd,\tcall  030 1234567")
        end()
        put("hidden Zoe Lind and seen")
        last(15, 9).CharHidden = True
        end()
        put("write him")
        last(9).HyperLinkURL = "mailto:tom.roth@example.org"
        end()
        insert("Footnote").String = "foot Ada Lind"
        insert("Endnote").String = "end Ben Lind"
        insert("textfield.Annotation", Author="Uma Roth", Content="check Cem Lind")
        end()
        insert("Bookmark", Name="Dana Lind")
        insert("DocumentIndexMark", AlternativeText="Emil Lind", PrimaryKey="Fay Lind")
        insert("TextField.ConditionalText", Condition="1==1", TrueContent="true Gus", FalseContent="false Hal")
        insert("TextField.HiddenText", Condition="1==1", Content="hidden Ike Lind")
        insert("TextField.JumpEdit", PlaceHolder="Name", Hint="say Joy Lind")
        writer.field(writer.master("User", Name="client", Content="user Kay Lind"), "User")
        insert("TextField.Script", ScriptType="js", Content="say('Lou Lind')")
        end()
        put("base")
        last(4).RubyText = "ruby Moe Lind"
        end()
        writer.table(2, {"A1": "Name", "B1": "Phone", "A2": "Ola Lind", "B2": "040 7654321"})
        frame = insert("TextFrame")
        frame.Text.String = "box Pia Lind"
        frame.Title, frame.Description = "title Quin Lind", "alt Ros Lind"
        page = doc.StyleFamilies.getByName("PageStyles").getByName("Standard")
        page.HeaderIsOn = page.FooterIsOn = True
        page.HeaderText.String, page.FooterText.String = "head Una Lind", "foot Vic Lind"
        add_control(doc, doc.DrawPage, "TextField", DefaultText="box Wes Lind", HelpText="help Yves Lind")
        add_control(doc, doc.DrawPage, "ListBox", StringItemList=("item Abe Lind", "item Bea Lind"))
        put("before the number 111 222 ends")
        end()
        put("kept")
        doc.RecordChanges = True
        last(4).String = ""
        last(18, 10).String = "the number 333 444"
        cursor.gotoEnd(False)
        put("added Deb Lind")
        doc.RecordChanges = False
        end()
        put("section Tess Lind")
        writer.section(last(17), Name="Sid Lind", IsVisible=False)
        office.save(doc, HERE / "letter.odt", "writer8")
        office.save(doc, HERE / "locked.odt", "writer8", Password="x")


def sheets():
    with Office() as office:
        doc = new(office, "scalc")
        sheet = doc.Sheets.getByIndex(0)
        sheet.Name = "Leute"
        for column, name in enumerate(["name", "born", "phone", "mail", "paid"]):
            sheet.getCellByPosition(column, 0).String = name
        sheet.getCellByPosition(0, 1).String = "Zoë Lind"
        born = sheet.getCellByPosition(1, 1)
        born.FormulaLocal = "09/10/1983"
        sheet.getCellByPosition(2, 1).Value = 49301234567.0
        sheet.getCellByPosition(3, 1).Formula = '=HYPERLINK("mailto:zoe@example.org";"mail")'
        for row in [2, 3, 4]:
            sheet.getCellByPosition(0, row).String = "same Ida"
        add_link(doc, sheet.getCellByPosition(0, 6).Text, "https://example.org/kai", "Kai Lind")
        address = sheet.getCellByPosition(0, 2).CellAddress
        sheet.Annotations.insertNew(address, "remark Mia Lind")
        sheet.getCellByPosition(0, 8).String = "row Ned Lind"
        sheet.Rows.getByIndex(8).IsVisible = False
        sheet.getCellByPosition(6, 1).String = "column Ola Lind"
        sheet.Columns.getByIndex(6).IsVisible = False
        doc.Sheets.insertNewByName("Intern", 1)
        doc.Sheets.getByIndex(1).getCellByPosition(0, 0).String = "hidden Pia"
        doc.Sheets.getByIndex(1).IsVisible = False
        doc.NamedRanges.addNewByName("Quin", '"Ros Lind"', address, 0)
        add_choice(sheet.getCellRangeByName("E2:E3"), '"Tess Lind";"Una Lind"', InputTitle="ask Vic", InputMessage="type Wes Lind")
        page = doc.StyleFamilies.getByName("PageStyles").getByName("Default")
        page.HeaderIsOn = True
        header = page.RightPageHeaderContent
        header.CenterText.String = "head Yves Lind"
        page.RightPageHeaderContent = header
        chart = add_chart(sheet, "Abe", sheet.getCellRangeByName("A1:C3").RangeAddress)
        chart.HasMainTitle = True
        chart.Title.String = "chart Bea Lind"
        office.save(doc, HERE / "people.ods", "calc8")


def talk():
    with Office() as office:
        doc = new(office, "simpress")
        pages = doc.DrawPages
        pages.insertNewByIndex(0)
        first, second = pages.getByIndex(0), pages.getByIndex(1)
        add_shape(doc, first, "first Zoe Lind").Description = "alt Emil Lind"
        add_shape(doc, first.NotesPage, "note Ada Lind")
        add_shape(doc, second, "second Ben Lind")
        second.Visible, second.Name = False, "slide Fay"
        first.IsFooterVisible, first.FooterText = True, "foot Gus Lind"
        comment = first.createAndInsertAnnotation()
        comment.Author = "Uma Roth"
        comment.TextRange.String = "check Ike Lind"
        office.save(doc, HERE / "talk.odp", "impress8")


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


def databases():
    for name, encoding, page_size in [("people.sqlite", "UTF-8", 1024), ("wide.sqlite", "UTF-16be", 512)]:
        path = HERE / name
        path.unlink(missing_ok=True)
        base = sqlite3.connect(path, isolation_level=None)
        base.execute(f"PRAGMA encoding = '{encoding}'")
        base.execute(f"PRAGMA page_size = {page_size}")
        base.execute("PRAGMA secure_delete = OFF")
        base.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, email TEXT, notes TEXT)")
        base.execute("CREATE INDEX by_email ON people (email)")
        people = ["Mara Lind", "Zoë Roth", "Tom Berg", "Ida Holm", "Kai Vogt", "Eva Sand"]
        for number, person in enumerate(people, 17):
            email = person.split()[0].lower().replace("ë", "e") + "@example.org"
            base.execute("INSERT INTO people VALUES (?, ?, ?, ?)", (number, person, email, "likes tea"))
        long = "call 030 1234567, " + "then wait, " * 300 + "or write to aunt@example.org"
        base.execute("INSERT INTO people VALUES (40, 'Lea Long', NULL, ?)", (long,))
        base.execute("ALTER TABLE people ADD COLUMN city TEXT DEFAULT 'Default City'")
        base.execute("UPDATE people SET city = 'Ulm' WHERE id = 18")
        base.execute('CREATE TABLE "phone ""book""" ("the number" TEXT, [who is it], PRIMARY KEY ([who is it])) WITHOUT ROWID')
        base.execute("""INSERT INTO "phone ""book\""" VALUES ('030 7654321', 'Jan Brook'), ('030 1112223', 'Ann Alder')""")
        base.execute("CREATE TABLE files (name TEXT, data BLOB, size REAL)")
        picture = (HERE / "exif.jpg").read_bytes()
        binary = b"\x01\x02\xff" + b"password of Uwe" + b"\0\xfe" + "für Ute".encode("utf-16le")
        for file in [("exif.jpg", picture, 1.5), ("note", b"said by Ole", -2.0), ("binary", binary, 1e300)]:
            base.execute("INSERT INTO files VALUES (?, ?, ?)", file)
        base.execute("INSERT INTO files (rowid, name) VALUES (-1152921504606846976, 'far below')")
        base.execute("CREATE VIEW some AS SELECT name FROM people WHERE name <> 'Vera View'")
        base.execute("CREATE TABLE dropped (id INTEGER PRIMARY KEY, who TEXT, phone TEXT)")
        for number in range(60):
            base.execute("INSERT INTO dropped VALUES (?, ?, ?)", (number, f"Gone Person {number}", f"+49 40 {number:07}"))
        base.execute("DROP TABLE dropped")
        base.execute("DELETE FROM people WHERE id IN (19, 20)")
        base.close()


def write_ahead_log():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "base"
        base = sqlite3.connect(path, isolation_level=None)
        base.execute("PRAGMA page_size = 512")
        base.execute("PRAGMA journal_mode = WAL")
        base.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, email TEXT)")
        base.execute("INSERT INTO people VALUES (1, 'Mara Lind', 'mara@example.org')")
        base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        base.execute("INSERT INTO people VALUES (2, 'Tom Berg', 'tom@example.org')")
        base.execute("UPDATE people SET email = 'berg@example.org' WHERE id = 2")
        (HERE / "rows.db-wal").write_bytes((path.parent / "base-wal").read_bytes())
        base.execute("ALTER TABLE people ADD COLUMN notes")
        base.execute("INSERT INTO people VALUES (3, 'Ida Holm', 'ida@example.org', ?)", ("long " * 200 + "call 030 1234567",))
        (HERE / "whole.db-wal").write_bytes((path.parent / "base-wal").read_bytes())
        base.close()


def parquet():
    day, moment = datetime.date(1983, 9, 10), datetime.datetime(2024, 2, 29, 12, 34, 56)
    address = pyarrow.struct([("street", pyarrow.string()), ("zip", pyarrow.string())])
    schema = pyarrow.schema([
        pyarrow.field("name", pyarrow.string(), nullable=False),
        ("email", pyarrow.dictionary(pyarrow.int32(), pyarrow.string())),
        ("born", pyarrow.date32()),
        ("seen", pyarrow.timestamp("us")),
        ("shift", pyarrow.time32("ms")),
        ("balance", pyarrow.decimal128(20, 2)),
        ("score", pyarrow.float64()),
        ("half", pyarrow.float16()),
        ("phone", pyarrow.uint64()),
        ("active", pyarrow.bool_()),
        ("address", address),
        ("phones", pyarrow.list_(pyarrow.string())),
        ("family", pyarrow.list_(pyarrow.struct([("who", pyarrow.string()), ("age", pyarrow.int8())]))),
        ("tags", pyarrow.map_(pyarrow.string(), pyarrow.string())),
        ("photo", pyarrow.binary()),
        ("code", pyarrow.binary(4)),
    ], metadata={"author": "Eva Roth"})
    picture = (HERE / "exif.jpg").read_bytes()
    rows = [
        dict(name="Mara Lind", email="mara@example.org", born=day, seen=moment, shift=moment.time(),
             balance=decimal.Decimal("-1234567890.50"), score=1.25, half=numpy.float16(0.5),
             phone=18446744073709551615, active=True, address=dict(street="Mill Road 5", zip="01234"),
             phones=["030 1234567", None, "030 7654321"], family=[dict(who="Tom Lind", age=7), dict(who="Ida Lind", age=9)],
             tags=[("doctor", "Dr Holm"), ("bank", "Kai Vogt")], photo=picture, code=b"ab12"),
        dict(name="Zoë Roth", photo=b"said by Ole", phones=[], code=b"\x00\x01\x02\xff"),
        dict(name="Jan Berg", email="jan@example.org", address=dict(zip="98765"), photo=b"\x01\xffkey of Uwe\x00"),
    ]
    table = pyarrow.Table.from_pylist(rows, schema=schema)
    for codec in ["NONE", "SNAPPY", "GZIP", "BROTLI", "ZSTD", "LZ4"]:
        version = "2.0" if codec in ["ZSTD", "NONE"] else "1.0"
        pyarrow.parquet.write_table(
            table, HERE / f"{codec.lower()}.parquet", compression=codec, data_page_version=version,
            row_group_size=2, use_deprecated_int96_timestamps=codec == "GZIP",
        )
    numbers = pyarrow.table({
        "plain": [f"person {number}" for number in range(3000)],
        "list": [[number] * (number % 3) for number in range(3000)],
        "constant": ["Lea Long"] * 3000,
    })
    pyarrow.parquet.write_table(numbers, HERE / "long.parquet", compression="ZSTD", data_page_size=2000)


if __name__ == "__main__":
    pictures()
    workbook()
    office_workbook()
    presentation()
    letter()
    sheets()
    talk()
    notes()
    notebook()
    databases()
    write_ahead_log()
    parquet()

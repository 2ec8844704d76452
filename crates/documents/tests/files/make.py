"""Makes the files beside this one with programs that are not this project's.

pip install Pillow piexif xlwt extract-msg python-oxmsg ebooklib
apt install libreoffice-writer libreoffice-calc libreoffice-impress python3-uno
"""

import datetime
import os
import pathlib
import signal
import subprocess
import tempfile
import time

import piexif
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


class Office:
    """LibreOffice, whose user is Eva Roth."""

    def __enter__(self):
        import uno

        self.uno = uno
        profile = tempfile.mkdtemp()
        self.process = subprocess.Popen([
            "soffice",
            f"-env:UserInstallation=file://{profile}",
            "--headless",
            "--accept=pipe,name=fixtures;urp;",
        ], start_new_session=True)
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstance("com.sun.star.bridge.UnoUrlResolver")
        while True:
            try:
                self.context = resolver.resolve("uno:pipe,name=fixtures;urp;StarOffice.ComponentContext")
                break
            except Exception:
                time.sleep(0.5)
        user = self.service("com.sun.star.configuration.ConfigurationProvider").createInstanceWithArguments(
            "com.sun.star.configuration.ConfigurationUpdateAccess",
            (self.value("nodepath", "/org.openoffice.UserProfile/Data"),),
        )
        user.givenname, user.sn = "Eva", "Roth"
        user.commitChanges()
        self.desktop = self.service("com.sun.star.frame.Desktop")
        return self

    def __exit__(self, *_):
        os.killpg(self.process.pid, signal.SIGKILL)

    def service(self, name):
        return self.context.ServiceManager.createInstanceWithContext(name, self.context)

    def value(self, name, value):
        made = self.uno.createUnoStruct("com.sun.star.beans.PropertyValue")
        made.Name, made.Value = name, value
        return made

    def new(self, kind):
        hidden = (self.value("Hidden", True),)
        document = self.desktop.loadComponentFromURL(f"private:factory/{kind}", "_blank", 0, hidden)
        properties = document.DocumentProperties
        properties.Author, properties.Title, properties.Keywords = "Jan Roth", "About Ida", ("Kai", "Lind")
        properties.UserDefinedProperties.addProperty("Client", 128, "Mia Lind")
        return document

    def save(self, document, name, kind, *more):
        document.storeToURL(f"file://{HERE / name}", (self.value("FilterName", kind), *more))


def letter():
    with Office() as office:
        doc = office.new("swriter")
        text = doc.Text
        cursor = text.createTextCursor()
        end_of_paragraph = office.uno.getConstantByName("com.sun.star.text.ControlCharacter.PARAGRAPH_BREAK")

        def put(words):
            text.insertString(cursor, words, False)

        def end():
            text.insertControlCharacter(cursor, end_of_paragraph, False)

        def insert(kind, **properties):
            content = doc.createInstance(f"com.sun.star.text.{kind}")
            for name, value in properties.items():
                setattr(content, name, value)
            text.insertTextContent(cursor, content, False)
            return content

        def last(count, skip=0):
            range = text.createTextCursor()
            range.gotoEnd(False)
            range.goLeft(skip, False)
            range.goLeft(count, True)
            return range

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
        master = doc.createInstance("com.sun.star.text.FieldMaster.User")
        master.Name, master.Content = "client", "user Kay Lind"
        field = doc.createInstance("com.sun.star.text.TextField.User")
        field.attachTextFieldMaster(master)
        text.insertTextContent(cursor, field, False)
        insert("TextField.Script", ScriptType="js", Content="say('Lou Lind')")
        end()
        put("base")
        last(4).RubyText = "ruby Moe Lind"
        end()
        table = doc.createInstance("com.sun.star.text.TextTable")
        table.initialize(2, 2)
        text.insertTextContent(cursor, table, False)
        for cell, words in {"A1": "Name", "B1": "Phone", "A2": "Ola Lind", "B2": "040 7654321"}.items():
            table.getCellByName(cell).String = words
        frame = insert("TextFrame")
        frame.Text.String = "box Pia Lind"
        frame.Title, frame.Description = "title Quin Lind", "alt Ros Lind"
        page = doc.StyleFamilies.getByName("PageStyles").getByName("Standard")
        page.HeaderIsOn = page.FooterIsOn = True
        page.HeaderText.String, page.FooterText.String = "head Una Lind", "foot Vic Lind"
        for kind, properties in [
            ("TextField", {"DefaultText": "box Wes Lind", "HelpText": "help Yves Lind"}),
            ("ListBox", {"StringItemList": ("item Abe Lind", "item Bea Lind")}),
        ]:
            shape = doc.createInstance("com.sun.star.drawing.ControlShape")
            shape.Control = doc.createInstance(f"com.sun.star.form.component.{kind}")
            for name, value in properties.items():
                setattr(shape.Control, name, value)
            doc.DrawPage.add(shape)
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
        insert_at = last(17)
        section = doc.createInstance("com.sun.star.text.TextSection")
        section.Name, section.IsVisible = "Sid Lind", False
        text.insertTextContent(insert_at, section, True)
        office.save(doc, "letter.odt", "writer8")
        office.save(doc, "locked.odt", "writer8", office.value("Password", "x"))


def sheets():
    with Office() as office:
        doc = office.new("scalc")
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
        other = sheet.getCellByPosition(0, 6).Text
        field = doc.createInstance("com.sun.star.text.TextField.URL")
        field.URL, field.Representation = "https://example.org/kai", "Kai Lind"
        other.insertTextContent(other.createTextCursor(), field, False)
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
        paid = sheet.getCellRangeByName("E2:E3")
        validation = paid.Validation
        validation.Type = office.uno.Enum("com.sun.star.sheet.ValidationType", "LIST")
        validation.setFormula1('"Tess Lind";"Una Lind"')
        validation.InputTitle, validation.InputMessage = "ask Vic", "type Wes Lind"
        paid.Validation = validation
        page = doc.StyleFamilies.getByName("PageStyles").getByName("Default")
        page.HeaderIsOn = True
        header = page.RightPageHeaderContent
        header.CenterText.String = "head Yves Lind"
        page.RightPageHeaderContent = header
        data = sheet.getCellRangeByName("A1:C3").RangeAddress
        place = office.uno.createUnoStruct("com.sun.star.awt.Rectangle")
        place.X, place.Y, place.Width, place.Height = 9000, 6000, 6000, 4000
        sheet.Charts.addNewByName("Abe", place, (data,), True, True)
        chart = sheet.Charts.getByName("Abe").EmbeddedObject
        chart.HasMainTitle = True
        chart.Title.String = "chart Bea Lind"
        office.save(doc, "people.ods", "calc8")


def talk():
    with Office() as office:
        doc = office.new("simpress")
        pages = doc.DrawPages
        pages.insertNewByIndex(0)

        def put(page, words):
            shape = doc.createInstance("com.sun.star.drawing.TextShape")
            page.add(shape)
            shape.String = words
            return shape

        first, second = pages.getByIndex(0), pages.getByIndex(1)
        put(first, "first Zoe Lind").Description = "alt Emil Lind"
        put(first.NotesPage, "note Ada Lind")
        put(second, "second Ben Lind")
        second.Visible, second.Name = False, "slide Fay"
        first.IsFooterVisible, first.FooterText = True, "foot Gus Lind"
        comment = first.createAndInsertAnnotation()
        comment.Author = "Uma Roth"
        comment.TextRange.String = "check Ike Lind"
        office.save(doc, "talk.odp", "impress8")


if __name__ == "__main__":
    pictures()
    workbook()
    letter()
    sheets()
    talk()

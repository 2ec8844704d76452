"""OpenDocument by LibreOffice, whose user is planted too, and what it makes of Word, Excel and PowerPoint."""

import io
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import zipfile

# The bindings belong to the system's Python.
sys.path.append("/usr/lib/python3/dist-packages")
import uno

from planting import Planted, zipped


class Office:
    def __enter__(self):
        folder = tempfile.mkdtemp()
        self.process = subprocess.Popen(["soffice", f"-env:UserInstallation=file://{folder}", "--headless", "--accept=pipe,name=corners;urp;"], start_new_session=True)
        resolver = uno.getComponentContext().ServiceManager.createInstance("com.sun.star.bridge.UnoUrlResolver")
        while True:
            try:
                self.context = resolver.resolve("uno:pipe,name=corners;urp;StarOffice.ComponentContext")
                break
            except Exception:
                time.sleep(0.5)
        user = self.service("com.sun.star.configuration.ConfigurationProvider").createInstanceWithArguments(
            "com.sun.star.configuration.ConfigurationUpdateAccess", (self.value("nodepath", "/org.openoffice.UserProfile/Data"),))
        self.user = user
        self.desktop = self.service("com.sun.star.frame.Desktop")
        return self

    def __exit__(self, *_):
        os.killpg(self.process.pid, signal.SIGKILL)

    def service(self, name):
        return self.context.ServiceManager.createInstanceWithContext(name, self.context)

    def value(self, name, value):
        made = uno.createUnoStruct("com.sun.star.beans.PropertyValue")
        made.Name, made.Value = name, value
        return made

    def new(self, kind, at):
        self.user.givenname, self.user.sn = at("user"), "x"
        self.user.commitChanges()
        document = self.desktop.loadComponentFromURL(f"private:factory/{kind}", "_blank", 0, (self.value("Hidden", True),))
        properties = document.DocumentProperties
        for name in ["Author", "Title", "Subject", "Description", "Generator", "PrintedBy", "TemplateName", "TemplateURL", "DefaultTarget"]:
            setattr(properties, name, at(name.lower()) if name != "TemplateURL" else "file:///home/" + at("templateurl"))
        properties.Keywords = (at("keyword"),)
        properties.UserDefinedProperties.addProperty(at("property-name"), 128, at("property"))
        return document

    def save(self, document, at, kind, **more):
        document.storeToURL(f"file://{at.path}", (self.value("FilterName", kind), *[self.value(*one) for one in more.items()]))

    def control(self, document, at, page):
        for kind, properties in [
            ("TextField", {"Name": at("field-name"), "DefaultText": at("field-default"), "HelpText": at("field-help"), "Tag": at("field-tag")}),
            ("ListBox", {"StringItemList": (at("list-item"), "x")}),
            ("CommandButton", {"Label": at("button"), "TargetURL": "mailto:" + at("button-link")}),
        ]:
            shape = document.createInstance("com.sun.star.drawing.ControlShape")
            shape.Control = document.createInstance(f"com.sun.star.form.component.{kind}")
            for name, value in properties.items():
                setattr(shape.Control, name, value)
            page.add(shape)


def kept(at):
    """Only what the program has written counts as planted: some corners of one format another has not."""
    content = at.path.read_bytes()
    if content.startswith(b"PK"):
        archive = zipfile.ZipFile(io.BytesIO(content))
        parts = {name: archive.read(name) for name in archive.namelist() if not name.startswith(("Thumbnails/", "Configurations2/", "Pictures/Thumb"))}
        if "META-INF/manifest.xml" in parts:
            parts["META-INF/manifest.xml"] = re.sub(rb'<manifest:file-entry manifest:full-path="(Thumbnails|Configurations2)/[^>]*/>', b"", parts["META-INF/manifest.xml"])
        content = b"".join(parts.values())
        at.write(zipped({"mimetype": parts["mimetype"], **parts} if "mimetype" in parts else parts))
    elif content.startswith(b"<?xml"):
        # Settings of the printer, and the looks of number formats in every style.
        content = re.sub(rb"<office:settings>.*?</office:settings>", b"", content, flags=re.DOTALL)
        content = re.sub(rb"<style:font-face .*?/>", b"", content)
        at.write(content)
    at.values[:] = [value for value in at.values if value.encode() in content or value.encode("utf-16le") in content or value.encode("utf-16be") in content]


def letter(office, at, kind):
    doc = office.new("swriter", at)
    text = doc.Text
    cursor = text.createTextCursor()
    end_of_paragraph = uno.getConstantByName("com.sun.star.text.ControlCharacter.PARAGRAPH_BREAK")

    def put(words):
        text.insertString(cursor, words, False)

    def end():
        text.insertControlCharacter(cursor, end_of_paragraph, False)

    def insert(kind, **properties):
        content = doc.createInstance(f"com.sun.star.text.{kind}")
        for name, value in properties.items():
            setattr(content, name, value)
        text.insertTextContent(cursor, content, False)
        put(" ")
        return content

    def last(count):
        range = text.createTextCursor()
        range.gotoEnd(False)
        range.goLeft(count, True)
        return range

    put(at("text"))
    end()
    local = at("split")
    put(local[:9])
    cursor.CharWeight = 150.0
    put(local[9:])
    cursor.CharWeight = 100.0
    end()
    put(at("hidden"))
    last(len(at("hidden"))).CharHidden = True
    end()
    put("write")
    linked = last(5)
    linked.HyperLinkURL, linked.HyperLinkName, linked.HyperLinkTarget = "mailto:" + at("link"), at("link-name"), at("link-frame")
    end()
    insert("Footnote", Label="x").String = at("footnote")
    insert("Endnote").String = at("endnote")
    insert("textfield.Annotation", Author=at("comment-author"), Initials=at("comment-initials"), Content=at("comment"))
    end()
    insert("Bookmark", Name=at("bookmark"))
    insert("DocumentIndexMark", AlternativeText=at("index-text"), PrimaryKey=at("index-key"), SecondaryKey=at("index-second"))
    insert("TextField.ConditionalText", Condition="1==1", TrueContent=at("if-true"), FalseContent=at("if-false"))
    insert("TextField.HiddenText", Condition="1==1", Content=at("hidden-field"))
    insert("TextField.JumpEdit", PlaceHolder=at("placeholder"), Hint=at("placeholder-hint"))
    insert("TextField.Input", Content=at("input"), Hint=at("input-hint"))
    insert("TextField.DropDown", Items=(at("drop-item"), "x"), SelectedItem="x", Name=at("drop-name"))
    insert("TextField.Script", ScriptType="js", Content=f"say('{at('script')}')")
    master = doc.createInstance("com.sun.star.text.FieldMaster.User")
    master.Name, master.Content = "client", at("user-field")
    field = doc.createInstance("com.sun.star.text.TextField.User")
    field.attachTextFieldMaster(master)
    text.insertTextContent(cursor, field, False)
    put(" ")
    variable = doc.createInstance("com.sun.star.text.FieldMaster.SetExpression")
    variable.Name, variable.SubType = "said", 3
    field = doc.createInstance("com.sun.star.text.TextField.SetExpression")
    field.attachTextFieldMaster(variable)
    field.Content = "of " + at("variable") + " "
    text.insertTextContent(cursor, field, False)
    end()
    put("base")
    last(4).RubyText = at("ruby")
    end()
    table = doc.createInstance("com.sun.star.text.TextTable")
    table.initialize(1, 2)
    text.insertTextContent(cursor, table, False)
    table.getCellByName("A1").String = at("cell")
    table.getCellByName("B1").String = "7"
    frame = insert("TextFrame")
    frame.Text.String = at("frame")
    frame.Title, frame.Description = at("frame-title"), at("frame-alt")
    frame.HyperLinkURL = "mailto:" + at("frame-link")
    page = doc.StyleFamilies.getByName("PageStyles").getByName("Standard")
    page.HeaderIsOn = page.FooterIsOn = True
    page.FirstIsShared = page.HeaderIsShared = page.FooterIsShared = False
    page.HeaderTextLeft.String, page.HeaderTextRight.String, page.HeaderTextFirst.String = at("left-header"), at("right-header"), at("first-header")
    page.FooterTextLeft.String, page.FooterTextRight.String, page.FooterTextFirst.String = at("left-footer"), at("right-footer"), at("first-footer")
    office.control(doc, at, doc.DrawPage)
    numbering = doc.createInstance("com.sun.star.text.NumberingRules")
    level = list(numbering.getByIndex(0))
    for one in level:
        if one.Name == "Prefix":
            one.Value = at("list-prefix") + " "
    uno.invoke(numbering, "replaceByIndex", (0, uno.Any("[]com.sun.star.beans.PropertyValue", tuple(level))))
    put("listed")
    cursor.NumberingRules = numbering
    end()
    put("kept")
    doc.RecordChanges = True
    last(4).String = ""
    put("of " + at("inserted"))
    doc.RecordChanges = False
    end()
    put(at("deleted"))
    doc.RecordChanges = True
    last(len(at("deleted"))).String = ""
    doc.RecordChanges = False
    end()
    put("section")
    section = doc.createInstance("com.sun.star.text.TextSection")
    section.Name, section.IsVisible, section.Condition = at("section"), False, f'x == "{at("condition")}"'
    text.insertTextContent(last(7), section, True)
    style = doc.createInstance("com.sun.star.style.ParagraphStyle")
    doc.StyleFamilies.getByName("ParagraphStyles").insertByName(at("style"), style)
    text.createTextCursor().ParaStyleName = at("style")
    libraries = doc.BasicLibraries
    if not libraries.hasByName("Standard"):
        libraries.createLibrary("Standard")
    libraries.getByName("Standard").insertByName("one", f"' {at('macro')}\nSub main\nEnd Sub\n")
    office.save(doc, at, kind)
    doc.close(True)
    kept(at)


def sheets(office, at, kind):
    doc = office.new("scalc", at)
    sheet = doc.Sheets.getByIndex(0)
    sheet.Name = at("sheet")[:31]
    cell = sheet.getCellByPosition
    cell(0, 0).String, cell(1, 0).String, cell(0, 1).String = "name", at("column"), at("cell")
    cell(1, 1).Formula = f'="{at("formula")}"'
    cell(2, 1).Formula = f'=HYPERLINK("mailto:{at("link-formula")}";"mail")'
    field = doc.createInstance("com.sun.star.text.TextField.URL")
    field.URL, field.Representation = "mailto:" + at("link"), at("link-text")
    words = cell(0, 3).Text
    words.insertTextContent(words.createTextCursor(), field, False)
    sheet.Annotations.insertNew(cell(0, 2).CellAddress, at("comment"))
    cell(0, 8).String = at("hidden-row")
    sheet.Rows.getByIndex(8).IsVisible = False
    cell(6, 1).String = at("hidden-column")
    sheet.Columns.getByIndex(6).IsVisible = False
    doc.Sheets.insertNewByName("s2", 1)
    doc.Sheets.getByIndex(1).getCellByPosition(0, 0).String = at("hidden-sheet")
    doc.Sheets.getByIndex(1).IsVisible = False
    doc.NamedRanges.addNewByName("owner", f'"{at("named-range")}"', cell(0, 2).CellAddress, 0)
    paid = sheet.getCellRangeByName("E2:E3")
    validation = paid.Validation
    validation.Type = uno.Enum("com.sun.star.sheet.ValidationType", "LIST")
    validation.setFormula1(f'"{at("choice")}";"x"')
    validation.InputTitle, validation.InputMessage, validation.ErrorTitle, validation.ErrorMessage = at("prompt-title"), at("prompt"), at("error-title"), at("error")
    validation.ShowInputMessage = validation.ShowErrorMessage = True
    paid.Validation = validation
    condition = paid.ConditionalFormat
    condition.addNew((office.value("Operator", uno.Enum("com.sun.star.sheet.ConditionOperator", "EQUAL")), office.value("Formula1", f'"{at("condition")}"'), office.value("StyleName", "Default")))
    paid.ConditionalFormat = condition
    page = doc.StyleFamilies.getByName("PageStyles").getByName("Default")
    page.HeaderIsOn = page.FooterIsOn = True
    for name in ["Header", "Footer"]:
        content = getattr(page, f"RightPage{name}Content")
        content.LeftText.String, content.CenterText.String, content.RightText.String = [at(f"{name.lower()}-{part}") for part in ["left", "center", "right"]]
        setattr(page, f"RightPage{name}Content", content)
    address = sheet.getCellRangeByName("A1:C3").RangeAddress
    place = uno.createUnoStruct("com.sun.star.awt.Rectangle")
    place.X, place.Y, place.Width, place.Height = 9000, 6000, 6000, 4000
    sheet.Charts.addNewByName("one", place, (address,), True, True)
    chart = sheet.Charts.getByName("one").EmbeddedObject
    chart.HasMainTitle = chart.HasSubTitle = True
    chart.Title.String, chart.SubTitle.String = at("chart-title"), at("chart-subtitle")
    sheet.Scenarios.addNewByName("plan", (sheet.getCellRangeByName("A2:A3").RangeAddress,), at("scenario"))
    key = doc.NumberFormats.addNew(f'"{at("number-format")} "0', uno.createUnoStruct("com.sun.star.lang.Locale"))
    cell(3, 3).Value, cell(3, 3).NumberFormat = 7, key
    shape = doc.createInstance("com.sun.star.drawing.RectangleShape")
    sheet.DrawPage.add(shape)
    shape.String, shape.Title, shape.Description, shape.Name = at("shape"), at("shape-title"), at("shape-alt"), at("shape-name")
    office.control(doc, at, sheet.DrawPage)
    ranges = doc.DatabaseRanges
    ranges.addNewByName("people", sheet.getCellRangeByName("A1:C3").RangeAddress)
    office.save(doc, at, kind)
    doc.close(True)
    kept(at)


def talk(office, at, kind, factory="simpress"):
    doc = office.new(factory, at)
    pages = doc.DrawPages
    pages.insertNewByIndex(0)

    def put(page, words, kind="TextShape"):
        shape = doc.createInstance(f"com.sun.star.drawing.{kind}")
        page.add(shape)
        shape.String = words
        return shape

    first, second = pages.getByIndex(0), pages.getByIndex(1)
    shape = put(first, at("text"))
    shape.Title, shape.Description, shape.Name = at("alt-title"), at("alt"), at("shape-name")
    field = doc.createInstance("com.sun.star.text.TextField.URL")
    field.URL, field.Representation = "mailto:" + at("link"), at("link-text")
    words = put(first, "x ").Text
    words.insertTextContent(words.createTextCursor(), field, False)
    clicked = put(first, "click", "RectangleShape")
    if factory == "simpress":
        clicked.OnClick, clicked.Bookmark = uno.Enum("com.sun.star.presentation.ClickAction", "DOCUMENT"), "file:///home/" + at("click")
        put(first.NotesPage, at("notes"))
        second.Visible = False
        first.IsFooterVisible, first.FooterText = True, at("footer")
        first.NotesPage.IsHeaderVisible, first.NotesPage.HeaderText = True, at("notes-header")
        first.IsDateTimeVisible, first.IsDateTimeFixed, first.DateTimeText = True, True, at("date")
        shows = doc.CustomPresentations
        shows.insertByName(at("custom-show"), shows.createInstance())
        doc.Presentation.setPropertyValue("FirstPage", "")
    put(second, at("second"))
    second.Name = at("page-name")
    comment = first.createAndInsertAnnotation()
    comment.Author, comment.Initials = at("comment-author"), at("comment-initials")
    comment.TextRange.String = at("comment")
    put(doc.MasterPages.getByIndex(0), at("master"))
    layer = doc.LayerManager.insertNewByIndex(5)
    layer.Name, layer.Title, layer.Description = at("layer"), at("layer-title"), at("layer-description")
    polygon = put(second, at("measure"), "EllipseShape")
    office.control(doc, at, first)
    office.save(doc, at, kind)
    kept(at)


def make():
    with Office() as office:
        for name, kind in [("odf-letter.odt", "writer8"), ("odf-flat.fodt", "OpenDocument Text Flat XML"), ("writer-docx.docx", "MS Word 2007 XML"), ("writer-rtf.rtf", "Rich Text Format"), ("writer-doc.doc", "MS Word 97"), ("writer-html.html", "HTML (StarWriter)")]:
            letter(office, Planted(name), kind)
        for name, kind in [("odf-sheets.ods", "calc8"), ("calc-xlsx.xlsx", "Calc MS Excel 2007 XML"), ("calc-xls.xls", "MS Excel 97")]:
            sheets(office, Planted(name), kind)
    # Impress does not survive a second document of this kind.
    for name, kind, factory in [("odf-talk.odp", "impress8", "simpress"), ("odf-drawing.odg", "draw8", "sdraw"), ("impress-pptx.pptx", "Impress MS PowerPoint 2007 XML", "simpress")]:
        with Office() as office:
            talk(office, Planted(name), kind, factory)

"""OpenDocument by LibreOffice, whose user is planted too, and what it makes of Word, Excel and PowerPoint."""

import io
import re
import zipfile

from office import Office, Writer, add_chart, add_choice, add_control, add_link, add_shape, uno
from planting import Planted, zipped


def new(office, kind, at):
    names = ["Author", "Title", "Subject", "Description", "Generator", "PrintedBy", "TemplateName", "DefaultTarget"]
    document = office.new(
        kind, (at("user"), "x"), **{name: at(name.lower()) for name in names}, TemplateURL="file:///home/" + at("templateurl"), Keywords=(at("keyword"),))
    document.DocumentProperties.UserDefinedProperties.addProperty(at("property-name"), 128, at("property"))
    return document


def controls(document, at, page):
    for kind, properties in [
        ("TextField", {"Name": at("field-name"), "DefaultText": at("field-default"), "HelpText": at("field-help"), "Tag": at("field-tag")}),
        ("ListBox", {"StringItemList": (at("list-item"), "x")}),
        ("CommandButton", {"Label": at("button"), "TargetURL": "mailto:" + at("button-link")}),
    ]:
        add_control(document, page, kind, **properties)


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
    doc = new(office, "swriter", at)
    writer = Writer(doc)
    text, cursor, put, end, last = writer.text, writer.cursor, writer.put, writer.end, writer.last

    def insert(kind, **properties):
        content = writer.insert(kind, **properties)
        put(" ")
        return content

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
    writer.field(writer.master("User", Name="client", Content=at("user-field")), "User")
    put(" ")
    writer.field(writer.master("SetExpression", Name="said", SubType=3), "SetExpression", Content="of " + at("variable") + " ")
    end()
    put("base")
    last(4).RubyText = at("ruby")
    end()
    writer.table(1, {"A1": at("cell"), "B1": "7"})
    frame = insert("TextFrame")
    frame.Text.String = at("frame")
    frame.Title, frame.Description = at("frame-title"), at("frame-alt")
    frame.HyperLinkURL = "mailto:" + at("frame-link")
    page = doc.StyleFamilies.getByName("PageStyles").getByName("Standard")
    page.HeaderIsOn = page.FooterIsOn = True
    page.FirstIsShared = page.HeaderIsShared = page.FooterIsShared = False
    for where in ["Header", "Footer"]:
        for which in ["Left", "Right", "First"]:
            getattr(page, f"{where}Text{which}").String = at(f"{which}-{where}".lower())
    controls(doc, at, doc.DrawPage)
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
    writer.section(last(7), Name=at("section"), IsVisible=False, Condition=f'x == "{at("condition")}"')
    style = doc.createInstance("com.sun.star.style.ParagraphStyle")
    doc.StyleFamilies.getByName("ParagraphStyles").insertByName(at("style"), style)
    text.createTextCursor().ParaStyleName = at("style")
    libraries = doc.BasicLibraries
    if not libraries.hasByName("Standard"):
        libraries.createLibrary("Standard")
    libraries.getByName("Standard").insertByName("one", f"' {at('macro')}\nSub main\nEnd Sub\n")
    office.save(doc, at.path, kind)
    doc.close(True)
    kept(at)


def sheets(office, at, kind):
    doc = new(office, "scalc", at)
    sheet = doc.Sheets.getByIndex(0)
    sheet.Name = at("sheet")[:31]
    cell = sheet.getCellByPosition
    cell(0, 0).String, cell(1, 0).String, cell(0, 1).String = "name", at("column"), at("cell")
    cell(1, 1).Formula = f'="{at("formula")}"'
    cell(2, 1).Formula = f'=HYPERLINK("mailto:{at("link-formula")}";"mail")'
    add_link(doc, cell(0, 3).Text, "mailto:" + at("link"), at("link-text"))
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
    add_choice(
        paid, f'"{at("choice")}";"x"', InputTitle=at("prompt-title"), InputMessage=at("prompt"), ErrorTitle=at("error-title"), ErrorMessage=at("error"),
        ShowInputMessage=True, ShowErrorMessage=True)
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
    chart = add_chart(sheet, "one", address)
    chart.HasMainTitle = chart.HasSubTitle = True
    chart.Title.String, chart.SubTitle.String = at("chart-title"), at("chart-subtitle")
    sheet.Scenarios.addNewByName("plan", (sheet.getCellRangeByName("A2:A3").RangeAddress,), at("scenario"))
    key = doc.NumberFormats.addNew(f'"{at("number-format")} "0', uno.createUnoStruct("com.sun.star.lang.Locale"))
    cell(3, 3).Value, cell(3, 3).NumberFormat = 7, key
    shape = doc.createInstance("com.sun.star.drawing.RectangleShape")
    sheet.DrawPage.add(shape)
    shape.String, shape.Title, shape.Description, shape.Name = at("shape"), at("shape-title"), at("shape-alt"), at("shape-name")
    controls(doc, at, sheet.DrawPage)
    doc.DatabaseRanges.addNewByName("people", address)
    office.save(doc, at.path, kind)
    doc.close(True)
    kept(at)


def talk(office, at, kind, factory):
    doc = new(office, factory, at)
    pages = doc.DrawPages
    pages.insertNewByIndex(0)
    first, second = pages.getByIndex(0), pages.getByIndex(1)
    shape = add_shape(doc, first, at("text"))
    shape.Title, shape.Description, shape.Name = at("alt-title"), at("alt"), at("shape-name")
    add_link(doc, add_shape(doc, first, "x ").Text, "mailto:" + at("link"), at("link-text"))
    clicked = add_shape(doc, first, "click", "RectangleShape")
    if factory == "simpress":
        clicked.OnClick, clicked.Bookmark = uno.Enum("com.sun.star.presentation.ClickAction", "DOCUMENT"), "file:///home/" + at("click")
        add_shape(doc, first.NotesPage, at("notes"))
        second.Visible = False
        first.IsFooterVisible, first.FooterText = True, at("footer")
        first.NotesPage.IsHeaderVisible, first.NotesPage.HeaderText = True, at("notes-header")
        first.IsDateTimeVisible, first.IsDateTimeFixed, first.DateTimeText = True, True, at("date")
        shows = doc.CustomPresentations
        shows.insertByName(at("custom-show"), shows.createInstance())
        doc.Presentation.setPropertyValue("FirstPage", "")
    add_shape(doc, second, at("second"))
    second.Name = at("page-name")
    comment = first.createAndInsertAnnotation()
    comment.Author, comment.Initials = at("comment-author"), at("comment-initials")
    comment.TextRange.String = at("comment")
    add_shape(doc, doc.MasterPages.getByIndex(0), at("master"))
    layer = doc.LayerManager.insertNewByIndex(5)
    layer.Name, layer.Title, layer.Description = at("layer"), at("layer-title"), at("layer-description")
    add_shape(doc, second, at("measure"), "EllipseShape")
    controls(doc, at, first)
    office.save(doc, at.path, kind)
    kept(at)


LETTERS = [
    ("odf-letter.odt", "writer8"),
    ("odf-flat.fodt", "OpenDocument Text Flat XML"),
    ("writer-docx.docx", "MS Word 2007 XML"),
    ("writer-rtf.rtf", "Rich Text Format"),
    ("writer-doc.doc", "MS Word 97"),
    ("writer-html.html", "HTML (StarWriter)"),
]
SHEETS = [("odf-sheets.ods", "calc8"), ("calc-xlsx.xlsx", "Calc MS Excel 2007 XML"), ("calc-xls.xls", "MS Excel 97")]
TALKS = [("odf-talk.odp", "impress8", "simpress"), ("odf-drawing.odg", "draw8", "sdraw"), ("impress-pptx.pptx", "Impress MS PowerPoint 2007 XML", "simpress")]


def make():
    with Office() as office:
        for name, kind in LETTERS:
            letter(office, Planted(name), kind)
        for name, kind in SHEETS:
            sheets(office, Planted(name), kind)
    # Impress does not survive a second document of this kind.
    for name, kind, factory in TALKS:
        with Office() as office:
            talk(office, Planted(name), kind, factory)

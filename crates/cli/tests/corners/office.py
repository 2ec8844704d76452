"""LibreOffice, told what to write through its own interface."""

import os
import signal
import subprocess
import sys
import tempfile
import time

# The bindings belong to the system's Python.
sys.path.append("/usr/lib/python3/dist-packages")
import uno


class Office:
    def __enter__(self):
        profile, pipe = tempfile.mkdtemp(), f"corners{os.getpid()}"
        self.process = subprocess.Popen(["soffice", f"-env:UserInstallation=file://{profile}", "--headless", f"--accept=pipe,name={pipe};urp;"], start_new_session=True)
        resolver = uno.getComponentContext().ServiceManager.createInstance("com.sun.star.bridge.UnoUrlResolver")
        while True:
            try:
                self.context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
                break
            except Exception:
                time.sleep(0.5)
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

    def new(self, kind, user, **properties):
        """A document of this user with these properties."""
        settings = self.service("com.sun.star.configuration.ConfigurationProvider").createInstanceWithArguments(
            "com.sun.star.configuration.ConfigurationUpdateAccess", (self.value("nodepath", "/org.openoffice.UserProfile/Data"),))
        settings.givenname, settings.sn = user
        settings.commitChanges()
        document = self.desktop.loadComponentFromURL(f"private:factory/{kind}", "_blank", 0, (self.value("Hidden", True),))
        put(document.DocumentProperties, properties)
        return document

    def save(self, document, path, kind, **more):
        document.storeToURL(f"file://{path}", (self.value("FilterName", kind), *[self.value(*one) for one in more.items()]))


class Writer:
    """What is written at the end of a letter."""

    def __init__(self, document):
        self.document, self.text = document, document.Text
        self.cursor = self.text.createTextCursor()

    def put(self, words):
        self.text.insertString(self.cursor, words, False)

    def end(self):
        self.text.insertControlCharacter(self.cursor, uno.getConstantByName("com.sun.star.text.ControlCharacter.PARAGRAPH_BREAK"), False)

    def insert(self, kind, **properties):
        content = self.document.createInstance(f"com.sun.star.text.{kind}")
        put(content, properties)
        self.text.insertTextContent(self.cursor, content, False)
        return content

    def master(self, kind, **properties):
        """What fields of one name share."""
        master = self.document.createInstance(f"com.sun.star.text.FieldMaster.{kind}")
        put(master, properties)
        return master

    def field(self, master, kind, **properties):
        field = self.document.createInstance(f"com.sun.star.text.TextField.{kind}")
        field.attachTextFieldMaster(master)
        put(field, properties)
        self.text.insertTextContent(self.cursor, field, False)

    def table(self, rows, cells):
        table = self.document.createInstance("com.sun.star.text.TextTable")
        table.initialize(rows, 2)
        self.text.insertTextContent(self.cursor, table, False)
        for cell, words in cells.items():
            table.getCellByName(cell).String = words

    def section(self, place, **properties):
        section = self.document.createInstance("com.sun.star.text.TextSection")
        put(section, properties)
        self.text.insertTextContent(place, section, True)

    def last(self, count, skip=0):
        """The letters at the end but for `skip`."""
        place = self.text.createTextCursor()
        place.gotoEnd(False)
        place.goLeft(skip, False)
        place.goLeft(count, True)
        return place


def put(thing, properties):
    for name, value in properties.items():
        setattr(thing, name, value)


def add_control(document, page, kind, **properties):
    shape = document.createInstance("com.sun.star.drawing.ControlShape")
    shape.Control = document.createInstance(f"com.sun.star.form.component.{kind}")
    put(shape.Control, properties)
    page.add(shape)


def add_link(document, words, url, shown):
    field = document.createInstance("com.sun.star.text.TextField.URL")
    field.URL, field.Representation = url, shown
    words.insertTextContent(words.createTextCursor(), field, False)


def add_shape(document, page, words, kind="TextShape"):
    shape = document.createInstance(f"com.sun.star.drawing.{kind}")
    page.add(shape)
    shape.String = words
    return shape


def add_chart(sheet, name, cells):
    place = uno.createUnoStruct("com.sun.star.awt.Rectangle")
    place.X, place.Y, place.Width, place.Height = 9000, 6000, 6000, 4000
    sheet.Charts.addNewByName(name, place, (cells,), True, True)
    return sheet.Charts.getByName(name).EmbeddedObject


def add_choice(cells, formula, **properties):
    """The list of what these cells may hold."""
    validation = cells.Validation
    validation.Type = uno.Enum("com.sun.star.sheet.ValidationType", "LIST")
    validation.setFormula1(formula)
    put(validation, properties)
    cells.Validation = validation

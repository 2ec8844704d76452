"""What all makers of samples share: values that say where they stand, and packages into which parts are put."""

import io
import pathlib
import re
import zipfile

FILES = pathlib.Path(__file__).parent / "files"
PLANTED = {}


class Planted:
    """The values of one file: `at("comment")` in `docx-notes.docx` is `docx-notes-comment@example.org`."""

    def __init__(self, name):
        self.name = name
        self.path = FILES / name
        self.stem = name.split(".")[0]
        self.values = PLANTED.setdefault(name, [])

    def __call__(self, corner):
        value = f"{self.stem}-{corner}@example.org"
        if value not in self.values:
            self.values.append(value)
        return value

    def write(self, content):
        if isinstance(content, str):
            content = content.encode()
        self.path.write_bytes(content)


def zipped(parts, comment=b""):
    """A ZIP archive of named bytes, the same each time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, (2025, 3, 4, 10, 11, 12))
            # The kind of an ODF package is told by its first entry, as it is.
            entry.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
        archive.comment = comment
    return out.getvalue()


class Package:
    """An OPC package (of Word, Excel, PowerPoint) that a program made, with parts that it does not write."""

    RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"

    def __init__(self, content):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            self.parts = {name: archive.read(name) for name in archive.namelist()}

    def text(self, name):
        return self.parts[name].decode()

    def edit(self, name, old, new, count=1):
        text = self.text(name)
        assert old in text, f"{old} is not in {name}: {text[:3000]}"
        self.parts[name] = text.replace(old, new, count).encode()

    def add(self, source, kind, name, content, media=None):
        """A part to which `source` points; the id of the relation."""
        self.parts[name] = content if isinstance(content, bytes) else content.encode()
        if media:
            self.edit("[Content_Types].xml", "</Types>", f'<Override PartName="/{name}" ContentType="{media}"/></Types>')
        elif "." in name:
            end = name.rsplit(".")[-1]
            if f'Extension="{end}"' not in self.text("[Content_Types].xml"):
                kinds = {"xml": "application/xml", "png": "image/png", "jpeg": "image/jpeg", "svg": "image/svg+xml"}
                known = kinds.get(end, "application/octet-stream")
                self.edit("[Content_Types].xml", "</Types>", f'<Default Extension="{end}" ContentType="{known}"/></Types>')
        return self.relate(source, kind, "/" + name, "")

    def relate(self, source, kind, target, mode=' TargetMode="External"'):
        folder, _, file = source.rpartition("/")
        relations = f"{folder}/_rels/{file}.rels".lstrip("/") if source else "_rels/.rels"
        if relations not in self.parts:
            self.parts[relations] = (
                b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Relationships '
                b'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
            )
        number = f"rPlanted{self.text(relations).count('<Relationship ') + 1}"
        kind = kind if ":" in kind else self.RELATIONS + kind
        one = f'<Relationship Id="{number}" Type="{kind}" Target="{target}"{mode}/>'
        self.edit(relations, "</Relationships>", one + "</Relationships>")
        return number

    def drop(self, *names):
        """Leaves out what a template brings along and no reader needs."""
        for name in names:
            if self.parts.pop(name, None) is None:
                continue
            file = name.rpartition("/")[2]
            for other in [part for part in self.parts if part.endswith(".rels") or part == "[Content_Types].xml"]:
                text = self.text(other)
                text = re.sub(rf'<Relationship [^>]*Target="[^"]*{re.escape(file)}"[^>]*/>', "", text)
                text = re.sub(rf'<Override [^>]*PartName="/{re.escape(name)}"[^>]*/>', "", text)
                self.parts[other] = text.encode()

    def bytes(self):
        first = {"[Content_Types].xml": self.parts["[Content_Types].xml"]}
        return zipped(first | self.parts)

"""Tables, databases, archives and pictures."""

import gzip
import io
import json
import pathlib
import sqlite3
import subprocess
import tarfile
import tempfile
import zipfile

import nbformat
import piexif
import pyarrow
import pyarrow.parquet
import yaml
from PIL import Image, PngImagePlugin

from planting import Planted, zipped


def tables():
    at = Planted("table-comma.csv")
    at.write(f'name,{at("header")},mail\nx,7,{at("cell")}\n"a ""b"", {at("quoted")}",,\n"two\nlines {at("second-line")}"\nx,y,z,{at("beyond-header")}\n')
    at = Planted("table-semicolon.csv")
    at.write(f"sep=;\nname;mail\nü;{at('cell')}\n".encode("cp1252"))
    at = Planted("table-wide.tsv")
    at.write(f"name\tmail\nЖ\t{at('cell')}\n".encode("utf-16"))


def trees():
    at = Planted("tree-object.json")
    at.write(json.dumps({at("key"): 1, "list": [{"mail": at("nested")}, at("item")], "path": f"a\\b {at('backslash')}"}) + "\n")
    at.write(at.path.read_text().replace(at("item"), at("item").replace("@", "\\u0040")))
    at = Planted("tree-lines.jsonl")
    at.write("".join(json.dumps({"mail": at(f"line{n}"), "inner": json.dumps({"mail": at(f"json-in-json{n}")})}) + "\n" for n in range(2)))
    at = Planted("tree-yaml.yaml")
    dumped = [yaml.dump({"mail": at(f"style-{name}"), "list": [at(f"item-{name}")]}, default_style=style, explicit_start=True) for name, style in [("plain", None), ("double", '"'), ("single", "'"), ("block", "|"), ("folded", ">")]]
    at.write("".join(dumped) + f"---\n# {at('comment')}\nbase: &a\n  ? {at('key')}\n  : x # {at('end-comment')}\nflow: {{mail: {at('flow')}, list: [{at('flow-item')}]}}\ntagged: !person {at('tagged')}\nfolded: >\n  one\n  {at('folded-line')}\n")
    at = Planted("tree-xml.xml")
    at.write(f'<?xml version="1.0"?>\n<!DOCTYPE a [<!ENTITY who "{at("entity")}"><!ATTLIST a b CDATA "{at("default")}">]>\n<?tool {at("instruction")}?>\n<!-- {at("comment")} -->\n<a xmlns:x="urn:x:{at("namespace")}" mail="{at("attribute")}"><b>{at("text")}</b><d><![CDATA[{at("cdata")}]]></d><c>{at("reference").replace("@", "&#64;")}</c>&who;</a>\n')
    at = Planted("tree-notebook.ipynb")
    cells = nbformat.v4
    book = cells.new_notebook(metadata={"authors": [{"name": at("author")}]}, cells=[
        cells.new_markdown_cell(f"# {at('markdown')}\n[x](mailto:{at('markdown-link')})", metadata={"tags": [at("cell-tag")]}, attachments={f"{at('attachment-name')}.txt": {"text/plain": at("attachment")}}),
        cells.new_raw_cell(at("raw")),
        cells.new_code_cell(f"# {at('code')}\nx = '{at('string')}'", outputs=[
            cells.new_output("stream", name="stdout", text=f"printed {at('stdout')}\n"),
            cells.new_output("error", ename="E", evalue=at("error"), traceback=[f"\x1b[31mx\x1b[0m {at('traceback')}"]),
            cells.new_output("display_data", {"text/plain": at("plain-output"), "text/html": f'<p title="{at("html-output-attribute")}">{at("html-output")}</p>', "application/json": {"mail": at("json-output")}, "image/svg+xml": f"<svg><text>{at('svg-output')}</text></svg>", "text/latex": at("latex-output")}, metadata={"x": at("output-metadata")}),
        ]),
    ])
    for number, cell in enumerate(book.cells):
        cell.id = f"cell{number}"
    out = io.StringIO()
    nbformat.write(book, out)
    at.write(out.getvalue())


def databases():
    at = Planted("base-rows.sqlite")
    at.path.unlink(missing_ok=True)
    base = sqlite3.connect(at.path, isolation_level=None)
    base.execute("PRAGMA page_size = 512")
    base.execute("PRAGMA secure_delete = OFF")
    base.execute(f"CREATE TABLE people (id INTEGER PRIMARY KEY, mail TEXT DEFAULT '{at('default')}', data BLOB /* {at('schema-comment')} */, CHECK (mail <> '{at('check')}'))")
    base.execute("CREATE INDEX by_mail ON people (mail)")
    rows = [at("row"), at("deleted"), "old", at("kept")]
    for number, row in enumerate(rows):
        base.execute("INSERT INTO people VALUES (?, ?, ?)", (number, f"of {row}, who likes tea", f"\1\2{at('blob')}\0".encode() if number == 0 else None))
    base.execute("INSERT INTO people VALUES (9, ?, NULL)", ("long " * 200 + at("overflow"),))
    base.execute("UPDATE people SET mail = ? WHERE id = 2", (at("updated-new"),))
    base.execute("DELETE FROM people WHERE id = 1")
    base.execute(f"CREATE VIEW some AS SELECT * FROM people WHERE mail = '{at('view')}'")
    base.execute(f"CREATE TRIGGER t AFTER INSERT ON people BEGIN SELECT '{at('trigger')}'; END")
    base.execute("CREATE VIRTUAL TABLE found USING fts5(words)")
    base.execute("INSERT INTO found VALUES (?)", (at("full-text"),))
    base.execute("CREATE TABLE gone (who TEXT)")
    base.execute("INSERT INTO gone VALUES (?)", (at("dropped"),))
    base.execute("DROP TABLE gone")
    base.execute(f'CREATE TABLE "{at("table-name")}" ("{at("column-name")}" TEXT)')
    base.execute("CREATE TABLE w (a TEXT PRIMARY KEY, b JSON) WITHOUT ROWID")
    base.execute("INSERT INTO w VALUES (?, ?)", (at("without-rowid"), json.dumps({"mail": at("json")})))
    base.close()
    at = Planted("base-log.db-wal")
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "base"
        base = sqlite3.connect(path, isolation_level=None)
        base.execute("PRAGMA page_size = 512")
        base.execute("PRAGMA journal_mode = WAL")
        base.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, mail TEXT)")
        base.execute("INSERT INTO people VALUES (1, ?)", (at("written"),))
        base.execute("UPDATE people SET mail = ? WHERE id = 1", (at("written-again"),))
        at.write((path.parent / "base-wal").read_bytes())
        base.close()
    for codec, version in [("NONE", "1.0"), ("SNAPPY", "1.0"), ("ZSTD", "2.0")]:
        at = Planted(f"columns-{codec.lower()}.parquet")
        schema = pyarrow.schema([
            pyarrow.field("mail", pyarrow.string(), metadata={"note": at("field-metadata")}),
            ("word", pyarrow.dictionary(pyarrow.int32(), pyarrow.string())),
            ("nested", pyarrow.struct([("mails", pyarrow.list_(pyarrow.string()))])),
            ("map", pyarrow.map_(pyarrow.string(), pyarrow.string())),
            ("data", pyarrow.binary()),
            pyarrow.field(at("column-name"), pyarrow.int8()),
        ], metadata={"author": at("metadata"), "pandas": json.dumps({"mail": at("pandas-metadata")})})
        rows = [{"mail": at("value"), "word": at("dictionary"), "nested": {"mails": [at("nested")]}, "map": [(at("map-key"), at("map-value"))], "data": at("binary").encode()}]
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows, schema=schema), at.path, compression=codec, data_page_version=version)


def archives():
    at = Planted("pack-files.zip")
    inner = zipped({"deep.txt": at("zip-in-zip")}, at("inner-comment").encode())
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        def put(name, content, **more):
            entry = zipfile.ZipInfo(name, (2025, 3, 4, 10, 11, 12))
            entry.compress_type = zipfile.ZIP_DEFLATED
            for key, value in more.items():
                setattr(entry, key, value)
            archive.writestr(entry, content)
        put("a.txt", at("text"))
        put(f"{at('entry-name')}/", "")
        put(f"folder/{at('file-name')}.csv", f"mail\n{at('csv')}\n")
        put("b.txt", "x", comment=at("entry-comment").encode())
        name = f"ü{at('unicode-name')}.txt".encode()
        put("c.txt", "x", extra=b"\x75\x70" + (5 + len(name)).to_bytes(2, "little") + b"\1\0\0\0\0" + name)
        put("inner.zip", inner)
        put("notes.txt.gz", gzip.compress(at("gzip").encode(), mtime=0))
        put("unknown.bin", b"\0\1\2" + at("binary").encode())
        put("stored.txt", at("stored"), compress_type=zipfile.ZIP_STORED)
        archive.comment = at("comment").encode()
    at.write(out.getvalue())
    at = Planted("pack-behind.zip")
    packed = zipped({"a.txt": at("text")})
    at.write(f"#!/bin/sh\n# {at('before')}\n".encode() + packed)
    for kind, end in [(tarfile.PAX_FORMAT, "pax"), (tarfile.GNU_FORMAT, "gnu"), (tarfile.USTAR_FORMAT, "ustar")]:
        at = Planted(f"pack-{end}.tar.gz")
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=kind, pax_headers={"comment": at("global-comment")} if end == "pax" else None) as archive:
            def put(name, content, **more):
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                for key, value in more.items():
                    setattr(entry, key, value)
                archive.addfile(entry, io.BytesIO(content))
            put("a.txt", at("text").encode(), uname=at("owner")[:31], gname=at("group")[:31])
            put(at("file-name"), b"x")
            put("link", b"", type=tarfile.SYMTYPE, linkname=at("link"))
            put("inner.zip", zipped({"a.txt": at("zip")}))
            if end != "ustar":
                put("long/" * 22 + at("long-name"), b"x")
            if end == "pax":
                put("b.txt", b"x", pax_headers={"comment": at("comment"), "SCHILY.xattr.user.note": at("attribute")})
        at.write(gzip.compress(out.getvalue(), mtime=0))
    at = Planted("pack-named.gz")
    out = io.BytesIO()
    with gzip.GzipFile(at("name"), "wb", fileobj=out, mtime=0) as file:
        file.write((at("text") + "\n").encode())
    whole = bytearray(out.getvalue())
    # A comment behind the name, which Python does not write.
    whole[3] |= 16
    end = whole.index(0, 10) + 1
    whole[end:end] = at("comment").encode() + b"\0"
    at.write(bytes(whole) + gzip.compress(at("second-member").encode(), mtime=0))
    at = Planted("pack-text.txt.zst")
    at.write(subprocess.run(["zstd", "-q", "-c"], input=at("text").encode(), capture_output=True, check=True).stdout)


def xmp(at):
    return (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" photoshop:AuthorsPosition="{at("xmp-attribute")}">'
        f'<dc:creator><rdf:Seq><rdf:li>{at("xmp-creator")}</rdf:li></rdf:Seq></dc:creator><dc:description><rdf:Alt><rdf:li xml:lang="x-default">{at("xmp-description")}</rdf:li></rdf:Alt></dc:description></rdf:Description></rdf:RDF></x:xmpmeta>'
    ).encode()


def pictures():
    picture = Image.new("RGB", (4, 4), (200, 10, 10))
    tiff, camera, gps = piexif.ImageIFD, piexif.ExifIFD, piexif.GPSIFD

    said = {tiff.Artist: "artist", tiff.Copyright: "copyright", tiff.ImageDescription: "description", tiff.HostComputer: "host", tiff.Software: "software", tiff.DocumentName: "document"}
    wide = {tiff.XPAuthor: "xp-author", tiff.XPComment: "xp-comment", tiff.XPTitle: "xp-title", tiff.XPSubject: "xp-subject", tiff.XPKeywords: "xp-keywords"}
    by_camera = {camera.CameraOwnerName: "owner", camera.BodySerialNumber: "serial", camera.LensModel: "lens", camera.ImageUniqueID: "unique-id"}
    with_charset = {camera.UserComment: "user-comment"}
    by_satellite = {gps.GPSProcessingMethod: "gps-method", gps.GPSAreaInformation: "gps-area"}

    def exif(at):
        def tags(corners, before=b"", charset="ascii"):
            return {tag: before + at(corner).encode(charset) for tag, corner in corners.items()}

        return piexif.dump({
            "0th": tags(said) | tags(wide, charset="utf-16le"),
            "Exif": tags(by_camera) | tags(with_charset, b"ASCII\0\0\0") | {camera.MakerNote: b"\0\1" + at("maker-note").encode() + b"\0"},
            "GPS": tags(by_satellite, b"ASCII\0\0\0"),
        })

    at = Planted("picture-exif.jpg")
    out = io.BytesIO()
    picture.save(out, "jpeg", exif=exif(at), comment=at("comment").encode(), quality=20)
    jpeg = out.getvalue()
    iptc_values = [(tag, at("iptc-" + corner).encode()) for tag, corner in [(80, "byline"), (120, "caption"), (116, "copyright"), (25, "keyword"), (118, "contact")]]
    iptc = b"".join(b"\x1c\x02" + bytes([tag]) + len(value).to_bytes(2, "big") + value for tag, value in iptc_values)
    resource = b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0" + len(iptc).to_bytes(4, "big") + iptc + (b"\0" if len(iptc) % 2 else b"")
    segment = lambda kind, content: b"\xff" + kind + (len(content) + 2).to_bytes(2, "big") + content
    jpeg = jpeg[:2] + segment(b"\xed", resource) + segment(b"\xe1", b"http://ns.adobe.com/xap/1.0/\0" + xmp(at)) + jpeg[2:] + f"behind {at('behind-the-end')}\n".encode()
    at.write(jpeg)
    at = Planted("picture-text.png")
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", at("text"))
    texts.add_text("Comment", at("packed-text"), zip=True)
    texts.add_itxt("Title", at("international"), "en", at("translated-keyword"), zip=False)
    texts.add_itxt("XML:com.adobe.xmp", xmp(at).decode())
    picture.save(at.path, pnginfo=texts, exif=exif(at))
    for end in ["webp", "avif"]:
        at = Planted(f"picture-{end}.{end}")
        picture.save(at.path, exif=exif(at), **({"xmp": xmp(at)} if end == "webp" else {}))
    at = Planted("picture-tags.tiff")
    picture.save(at.path, tiffinfo={315: at("artist"), 270: at("description"), 33432: at("copyright"), 305: at("software"), 700: xmp(at), 285: at("page-name"), 316: at("host")})
    at = Planted("picture-comment.gif")
    out = io.BytesIO()
    picture.save(out, "gif", comment=at("comment").encode())
    gif = out.getvalue()
    at.write(gif[:-1] + b"!\xff\x0bXMP DataXMP" + xmp(at) + b"\1" + bytes(range(255, -1, -1)) + b"\0" + b";")
    at = Planted("picture-drawn.svg")
    at.write(f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"><title>{at("title")}</title><desc>{at("description")}</desc><metadata><a>{at("metadata")}</a></metadata><script>// {at("script")}</script><style>/* {at("style")} */</style><!-- {at("comment")} --><a xlink:href="mailto:{at("link")}"><text aria-label="{at("attribute")}">{at("text")[:7]}<tspan>{at("text")[7:]}</tspan></text></a></svg>\n')


def make():
    for maker in [tables, trees, databases, archives, pictures]:
        maker()

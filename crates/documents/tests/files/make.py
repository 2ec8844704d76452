"""Makes the files beside this one with programs that are not this project's.

pip install Pillow piexif xlwt extract-msg python-oxmsg ebooklib pyarrow numpy
"""

import datetime
import decimal
import pathlib
import sqlite3
import tempfile

import numpy
import piexif
import pyarrow
import pyarrow.parquet
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
    databases()
    write_ahead_log()
    parquet()

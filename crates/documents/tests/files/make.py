"""Makes the files beside this one with programs that are not this project's.

pip install Pillow piexif xlwt extract-msg python-oxmsg ebooklib
"""

import datetime
import pathlib

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


if __name__ == "__main__":
    pictures()
    workbook()

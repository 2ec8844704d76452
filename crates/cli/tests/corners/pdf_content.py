"""PDFs whose values stand in what pages draw, and in what they could: pypdf puts together what ReportLab does not write."""

import io

from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, FloatObject, NumberObject
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen import canvas

from pdf import dictionary, name, numbers, stream, text, written
from planting import Planted

WHOLE_PAGE = (0, 0, 300, 300)


def shown(value, y, mode=0):
    """Instructions that show a text on one line."""
    return f"BT /F1 8 Tf {mode} Tr 20 {y} Td ({value}) Tj ET\n"


def drawn():
    at = Planted("pdf-drawn.pdf")
    writer = PdfWriter()
    add = writer._add_object
    base = dictionary(Type=name("Font"), Subtype=name("Type1"), BaseFont=name("Helvetica"))
    fonts = dictionary(F1=add(base), Named=add(named_glyphs(base)), Drawn=add(drawn_glyph(add(stream(f"1000 0 d0 BT /F1 40 Tf ({at('glyph')}) Tj ET")), base)))

    def form(content, resources=None, **entries):
        resources = resources or dictionary(Font=fonts)
        return add(stream(content, Type=name("XObject"), Subtype=name("Form"), BBox=numbers(*WHOLE_PAGE), Resources=resources, **entries))

    layers = {state: add(dictionary(Type=name("OCG"), Name=text(state))) for state in ["shown", "hidden"]}
    writer._root_object[name("OCProperties")] = dictionary(
        OCGs=ArrayObject(layers.values()), D=dictionary(OFF=ArrayObject([layers["hidden"]])))
    resources = dictionary(
        Font=fonts,
        XObject=dictionary(
            Shared=form(shown(at("shared-form"), 280)),
            Outer=form("/Inner Do", dictionary(XObject=dictionary(Inner=form(shown(at("form-in-form"), 270))))),
            Undrawn=form(shown(at("undrawn-form"), 280)),
            Hidden=form(shown(at("hidden-form"), 280), OC=layers["hidden"]),
            Scan=add(picture(at, "scan", add)),
            Logo=add(picture(at, "logo", add)),
        ),
        Pattern=dictionary(Tiles=add(stream(
            shown(at("tile"), 20), Type=name("Pattern"), PatternType=NumberObject(1), PaintType=NumberObject(1), TilingType=NumberObject(1),
            BBox=numbers(*WHOLE_PAGE), XStep=NumberObject(300), YStep=NumberObject(300), Resources=dictionary(Font=fonts)))),
        ExtGState=dictionary(Masked=dictionary(SMask=dictionary(
            S=name("Luminosity"), G=form(shown(at("soft-mask"), 20), Group=dictionary(S=name("Transparency"), CS=name("DeviceGray")))))),
        Properties=dictionary(
            Said=add(dictionary(ActualText=text(at("actual-text-by-name")))),
            Shown=layers["shown"],
            Hidden=layers["hidden"],
            Either=add(dictionary(Type=name("OCMD"), OCGs=ArrayObject([layers["hidden"]]))),
        ),
    )
    kerned, pieces = at("kerned"), at("pieces")
    first = "".join([
        "/Shared Do /Outer Do /Hidden Do\n",
        f"BT /F1 8 Tf 20 260 Td <{at('hexadecimal').encode().hex()}> Tj ET\n",
        f"BT /F1 8 Tf 20 250 Td [{' 20 '.join(f'({letter})' for letter in kerned)}] TJ ET\n",
        f"BT /F1 8 Tf 20 240 Td ({pieces[:7]}) Tj ({pieces[7:]}) Tj ET\n",
        "BT /F1 8 Tf 20 230 Td (" + "".join(f"\\{ord(letter):03o}" for letter in at("escaped")) + ") Tj ET\n",
        f"BT /F1 8 Tf 10 TL 20 230 Td ({at('next-line')}) ' 0 0 ({at('spaced-line')}) \" ET\n",
        "BT /Named 8 Tf 20 200 Td <" + bytes(ord(letter) + 100 for letter in at("named-glyphs")).hex() + "> Tj ET\n",
        "q 0 0 9 9 re W n " + shown(at("clipped-away"), 190) + "Q\n",
        "q " + shown(at("clipping"), 180, 7) + "0 0 300 300 re f Q\n",
        "BT /Drawn 8 Tf 20 20 Td (a) Tj ET\n",
        "/Pattern cs /Tiles scn 200 200 50 50 re f 0 g\n",
        "q /Masked gs 0 100 50 50 re f Q\n",
        f"/Span /Said BDC {shown('x', 170)} EMC\n",
        f"/Note <</Text ({at('marked-point')})>> DP\n",
        f"/Note <</Inner <</Text ({at('marked-deeper')})>> /List [({at('marked-in-list')})]>> DP\n",
        f"/{at('mark')} BMC EMC BX ({at('unknown-instruction')}) xx EX\n",
        f"/OC /Shown BDC {shown(at('shown-layer'), 160)} EMC\n",
        f"/OC /Either BDC {shown(at('hidden-by-members'), 150)} EMC\n",
        f"/OC /Hidden BDC /Span <</Lang (en)>> BDC {shown(at('nested-in-hidden'), 140)} EMC EMC\n",
        "q 20 0 0 20 270 270 cm /Logo Do Q\n",
        f"% {at('content-comment')}\n",
    ])
    # A scanned page with its words beneath the picture, a piece of them in a stream of its own.
    ocr, cut = shown(at("ocr"), 200, 3), shown(at("ocr-in-two-streams"), 180, 3)
    scanned = ["q 300 0 0 300 0 0 cm /Scan Do Q /Shared Do\n" + ocr + cut.split("Td")[0], "Td" + cut.split("Td")[1]]
    for contents in [[first], scanned]:
        page = writer.add_blank_page(300, 300)
        page[name("Resources")] = resources
        page[name("Contents")] = ArrayObject([add(stream(content)) for content in contents])
    page = writer.pages[0]
    page[name("Annots")] = ArrayObject([add(dictionary(Type=name("Annot"), Rect=numbers(*WHOLE_PAGE), **entries)) for entries in [
        {"Subtype": name("Stamp"), "AP": dictionary(N=form(shown(at("stamp-drawn"), 120)))},
        {"Subtype": name("Stamp"), "F": NumberObject(2), "AP": dictionary(N=form(shown(at("hidden-stamp-drawn"), 120)))},
        {"Subtype": name("Stamp"), "OC": layers["hidden"], "AP": dictionary(N=form(shown(at("layered-stamp-drawn"), 120)))},
        {"Subtype": name("Widget"), "FT": name("Tx"), "T": text("field"), "V": text("x"), "DA": text("/F1 8 Tf 0 g"), "AP": dictionary(N=form(shown(at("field-drawn"), 110)))},
        {"Subtype": name("Widget"), "FT": name("Btn"), "T": text("check"), "AS": name("Off"), "AP": dictionary(
            N=dictionary(On=form(shown(at("other-state-drawn"), 100)), Off=form(shown(at("state-drawn"), 100))),
            D=dictionary(On=form(shown(at("pressed-drawn"), 100))), R=form(shown(at("touched-drawn"), 100)))},
    ]])
    at.write(written(writer))


def named_glyphs(base):
    """A font whose codes mean nothing without the names that it gives them."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    signs = {"-": "hyphen", ".": "period", "@": "at", **{letter: letter for letter in letters}}
    names = [item for sign, called in signs.items() for item in [NumberObject(ord(sign) + 100), name(called)]]
    return dictionary(**{key[1:]: value for key, value in base.items()}, Encoding=dictionary(Type=name("Encoding"), Differences=ArrayObject(names)))


def drawn_glyph(glyph, base):
    """A font of one letter, which is drawn by instructions of its own."""
    return dictionary(
        Type=name("Font"), Subtype=name("Type3"), FontBBox=numbers(0, 0, 1000, 1000), FontMatrix=ArrayObject(map(FloatObject, (0.01, 0, 0, 0.01, 0, 0))),
        CharProcs=dictionary(a=glyph), Encoding=dictionary(Type=name("Encoding"), Differences=ArrayObject([NumberObject(97), name("a")])),
        FirstChar=NumberObject(97), LastChar=NumberObject(97), Widths=numbers(1000), Resources=dictionary(Font=dictionary(F1=base)))


def picture(at, which, add):
    """A photograph with what cameras and programs write into it."""
    exif = Image.Exif()
    exif[0x013B], exif[0x010E] = at(which + "-artist"), at(which + "-description")
    out = io.BytesIO()
    xmp = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><dc:creator xmlns:dc="http://purl.org/dc/elements/1.1/">{at(which + "-xmp")}</dc:creator></x:xmpmeta>'
    Image.new("RGB", (30, 30), (240, 240, 240)).save(out, "jpeg", exif=exif, comment=at(which + "-comment").encode(), xmp=xmp.encode())
    about = stream(f"<about>{at(which + '-metadata')}</about>", Type=name("Metadata"), Subtype=name("XML"))
    size = {key: NumberObject(value) for key, value in [("Width", 30), ("Height", 30), ("BitsPerComponent", 8)]}
    return stream(out.getvalue(), packed=False, Type=name("XObject"), Subtype=name("Image"), ColorSpace=name("DeviceRGB"), Filter=name("DCTDecode"), Metadata=add(about), **size)


def fonts():
    """Letters of a font that is embedded in part, whose codes are those of no encoding."""
    at = Planted("pdf-fonts.pdf")
    pdfmetrics.registerFont(TTFont("Vera", "Vera.ttf"))
    out = io.BytesIO()
    draw = canvas.Canvas(out, pagesize=(300, 300), invariant=1, pageCompression=1)
    draw.setFont("Vera", 8)
    # The first letters of a font have codes of their own in the order in which they are met.
    draw.drawString(20, 280, "Жш Ωß")
    draw.drawString(20, 260, at("embedded-font"))
    draw.save()
    at.write(out.getvalue())


def make():
    drawn()
    fonts()

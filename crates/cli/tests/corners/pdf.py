"""PDFs: ReportLab draws them, pypdf adds what it does not write."""

import io

import pypdf
from pypdf.annotations import FreeText
from pypdf.generic import ArrayObject, BooleanObject, DecodedStreamObject, DictionaryObject, NameObject, NumberObject, TextStringObject
from reportlab.pdfgen import canvas

from planting import Planted


def text(value):
    return TextStringObject(value)


def dictionary(**entries):
    return DictionaryObject({name(key): value for key, value in entries.items()})


def name(value):
    return NameObject("/" + value)


def numbers(*values):
    return ArrayObject(map(NumberObject, values))


def stream(content, packed=True, **entries):
    made = DecodedStreamObject()
    made.set_data(content if isinstance(content, bytes) else content.encode())
    made = made.flate_encode() if packed else made
    made.update(dictionary(**entries))
    return made


def uri(value):
    return dictionary(S=name("URI"), URI=text("mailto:" + value))


def page(packed=True):
    out = io.BytesIO()
    draw = canvas.Canvas(out, pagesize=(300, 300), invariant=1, pageCompression=packed)
    draw.setFont("Helvetica", 8)
    return out, draw


def written(writer):
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def pages():
    at = Planted("pdf-pages.pdf")
    out, draw = page()
    for corner in ["title", "author", "subject", "keywords", "creator", "producer"]:
        getattr(draw, "set" + corner.title())(at(corner))
    draw.drawString(20, 280, at("text"))
    draw.saveState()
    draw.translate(20, 20)
    draw.rotate(90)
    draw.drawString(0, 0, at("rotated"))
    draw.restoreState()
    line = draw.beginText(20, 260)
    line.setTextRenderMode(3)
    line.textLine(at("invisible"))
    draw.drawText(line)
    draw.setFillColorRGB(1, 1, 1)
    draw.drawString(20, 240, at("white"))
    draw.setFillColorRGB(0, 0, 0)
    draw.drawString(20, -50, at("off-page"))
    draw.setFont("Helvetica", 1)
    draw.drawString(20, 230, at("tiny"))
    draw.setFont("Helvetica", 8)
    draw.beginForm("form")
    draw.setFont("Helvetica", 8)
    draw.drawString(20, 220, at("form-object"))
    draw.endForm()
    draw.doForm("form")
    draw.rect(10, 195, 280, 15, fill=1)
    draw.drawString(20, 200, at("covered"))
    draw.linkURL("mailto:" + at("link"), (0, 0, 50, 50))
    draw.bookmarkPage("here")
    draw.addOutlineEntry(at("outline"), "here")
    draw.linkAbsolute("x", "there", (0, 50, 50, 99))
    draw.bookmarkPage("there")
    draw.textAnnotation(at("note"), (20, 100, 60, 120), addtopage=1)
    form = draw.acroForm
    form.textfield(name=at("field-name"), tooltip=at("field-tooltip"), value=at("field-value"), x=20, y=150, width=90, height=12, fontSize=8)
    form.choice(name="choice", tooltip="t", value="x", options=["x", (at("option"), at("option-shown"))], x=20, y=130, width=90, height=12, fontSize=8)
    form.checkbox(name="check", tooltip=at("check-tooltip"), x=20, y=110)
    draw.showPage()
    draw.setFont("Helvetica", 8)
    draw.drawString(20, 280, at("second-page"))
    draw.save()
    at.write(out.getvalue())


def objects():
    at = Planted("pdf-objects.pdf")
    out, draw = page()
    draw.drawString(20, 280, "page")
    draw.save()
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(out.getvalue()))
    root, add = writer._root_object, writer._add_object

    def said(**corners):
        return {key: text(at(corner)) for key, corner in corners.items()}

    writer.add_metadata({"/Title": "x", "/Client": at("custom-info"), "/Company": at("company")})
    root[name("Metadata")] = add(stream(f'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/" pdf:Keywords="{at("xmp-attribute")}"><dc:creator><rdf:Seq><rdf:li>{at("xmp-creator")}</rdf:li></rdf:Seq></dc:creator></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>', packed=False, Type=name("Metadata"), Subtype=name("XML")))
    writer.add_attachment(at("attachment-name") + ".csv", f"mail\n{at('attachment')}\n".encode())
    root["/Names"].get_object()[name("JavaScript")] = add(dictionary(Names=ArrayObject([text(at("script-name")), dictionary(S=name("JavaScript"), JS=text(f"app.alert('{at('script')}')"))])))
    root[name("OpenAction")] = dictionary(S=name("JavaScript"), JS=add(stream(f"// {at('script-stream')}")))
    root[name("PageLabels")] = dictionary(Nums=ArrayObject([NumberObject(0), dictionary(P=text(at("page-label") + " "), S=name("D"))]))
    writer.add_outline_item(at("outline"), 0)
    root[name("Lang")] = text(at("language"))
    layer = add(dictionary(Type=name("OCG"), Name=text(at("layer-name"))))
    root[name("OCProperties")] = dictionary(OCGs=ArrayObject([layer]), D=dictionary(Name=text(at("layer-setting")), OFF=ArrayObject([layer]), Order=ArrayObject([text(at("layer-group")), layer])))
    sheet = writer.pages[0]
    hidden = stream(f"/OC /L BDC BT /F1 8 Tf 20 200 Td ({at('hidden-layer')}) Tj ET EMC /Span <</ActualText ({at('actual-text')}) /Alt ({at('inline-alt')}) /E ({at('expansion')})>> BDC BT /F1 8 Tf 20 180 Td (x) Tj ET EMC")
    sheet["/Resources"].get_object()[name("Properties")] = dictionary(L=layer)
    sheet[name("Contents")] = ArrayObject([sheet.raw_get("/Contents"), add(hidden)])
    rectangle = numbers(0, 0, 9, 9)
    writer.add_annotation(0, FreeText(text=at("free-text"), rect=(0, 0, 50, 50)))
    notes = [
        ("Text", {**said(Contents="note", T="note-author", Subj="note-subject", NM="note-name"), "RC": text(f"<body><p>{at('note-rich')}</p></body>")}),
        ("Popup", said(Contents="popup")),
        ("Stamp", {"Name": name("Draft"), **said(Contents="stamp")}),
        ("Link", {"A": uri(at("link")), **said(Contents="link-alt")}),
        ("Link", {"A": dictionary(S=name("GoToR"), F=dictionary(Type=name("Filespec"), F=text("/home/" + at("remote-file")), UF=text("/home/" + at("remote-file"))))}),
        ("Link", {"A": dictionary(S=name("Launch"), F=text(at("launch")), Win=dictionary(**said(F="launch-windows", P="launch-parameters")))}),
        ("Link", {"A": dictionary(S=name("Named"), N=name("NextPage"), Next=uri(at("next-action")))}),
        ("Link", {"PA": uri(at("previous-action")), **said(Dest="link-target")}),
        ("Widget", {
            "FT": name("Tx"), **said(T="field-name", TU="field-tooltip", TM="field-mapping", V="field-value", DV="field-default"),
            "RV": text(f"<body>{at('field-rich')}</body>"), "AA": dictionary(K=dictionary(S=name("JavaScript"), JS=text(f"// {at('field-script')}"))),
            "MK": dictionary(**said(CA="button-caption", AC="button-pressed")),
        }),
        ("Widget", {"FT": name("Ch"), "T": text("choice"), "Opt": ArrayObject([text(at("option")), ArrayObject([text(at("option-value")), text(at("option-shown"))])]), "V": ArrayObject([text(at("chosen"))])}),
        ("Widget", {"FT": name("Btn"), "T": text("send"), "A": dictionary(S=name("SubmitForm"), F=dictionary(FS=name("URL"), F=text("mailto:" + at("submit"))))}),
    ]
    annotations = sheet["/Annots"]

    def annotate(kind, entries):
        annotations.append(add(dictionary(Type=name("Annot"), Subtype=name(kind), Rect=rectangle, **entries)))

    for kind, entries in notes:
        annotate(kind, entries)
    form = add(stream(f'<template xmlns="http://www.xfa.org/schema/xfa-template/3.3/"><field name="f"><value><text>{at("xfa")}</text></value></field></template>'))
    root[name("AcroForm")] = dictionary(Fields=annotations, XFA=ArrayObject([text("template"), form]), NeedAppearances=BooleanObject(True))
    element = dictionary(Type=name("StructElem"), S=name("Figure"), **said(Alt="structure-alt", ActualText="structure-text", T="structure-title", E="structure-expansion", ID="structure-id"))
    root[name("StructTreeRoot")] = add(dictionary(Type=name("StructTreeRoot"), K=element))
    root[name("PieceInfo")] = dictionary(Tool=dictionary(Private=dictionary(**said(Note="private-data"))))
    root[name("URI")] = dictionary(Base=text("mailto:" + at("link-base")))
    root[name("Collection")] = dictionary(Schema=dictionary(x=dictionary(**said(N="portfolio-column"), Subtype=name("S"))))
    sheet[name("PieceInfo")] = dictionary(Tool=dictionary(**said(Private="page-private-data")))
    add(dictionary(**said(Stray="unused-object")))
    signature = dictionary(Type=name("Sig"), **said(Name="signer", Reason="signature-reason", Location="signature-location", ContactInfo="signature-contact"))
    annotate("Widget", {"FT": name("Sig"), "T": text("signed"), "V": add(signature)})
    at.write(written(writer))


def make():
    pages()
    objects()

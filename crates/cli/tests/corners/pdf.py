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
    return DictionaryObject({NameObject("/" + key): value for key, value in entries.items()})


def name(value):
    return NameObject("/" + value)


def page(at):
    out = io.BytesIO()
    draw = canvas.Canvas(out, pagesize=(300, 300), invariant=1, pageCompression=1)
    draw.setFont("Helvetica", 8)
    return out, draw


def pages():
    at = Planted("pdf-pages.pdf")
    out, draw = page(at)
    for setter, corner in [(draw.setTitle, "title"), (draw.setAuthor, "author"), (draw.setSubject, "subject"), (draw.setKeywords, "keywords"), (draw.setCreator, "creator"), (draw.setProducer, "producer")]:
        setter(at(corner))
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
    draw.linkAbsolute("x", at("named-target"), (0, 50, 50, 99))
    draw.bookmarkPage(at("named-target"))
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
    out, draw = page(at)
    draw.drawString(20, 280, "page")
    draw.save()
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(out.getvalue()))
    root = writer._root_object
    writer.add_metadata({"/Title": "x", "/Client": at("custom-info"), "/Company": at("company")})
    xmp = DecodedStreamObject()
    xmp.set_data(f'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/" pdf:Keywords="{at("xmp-attribute")}"><dc:creator><rdf:Seq><rdf:li>{at("xmp-creator")}</rdf:li></rdf:Seq></dc:creator></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'.encode())
    xmp[NameObject("/Type")], xmp[NameObject("/Subtype")] = name("Metadata"), name("XML")
    root[NameObject("/Metadata")] = writer._add_object(xmp)
    writer.add_attachment(at("attachment-name") + ".csv", f"mail\n{at('attachment')}\n".encode())
    scripts = dictionary(Names=ArrayObject([text(at("script-name")), dictionary(S=name("JavaScript"), JS=text(f"app.alert('{at('script')}')"))]))
    root["/Names"].get_object()[NameObject("/JavaScript")] = writer._add_object(scripts)
    code = DecodedStreamObject()
    code.set_data(f"// {at('script-stream')}".encode())
    root[NameObject("/OpenAction")] = dictionary(S=name("JavaScript"), JS=writer._add_object(code.flate_encode()))
    root[NameObject("/PageLabels")] = dictionary(Nums=ArrayObject([NumberObject(0), dictionary(P=text(at("page-label") + " "), S=name("D"))]))
    writer.add_outline_item(at("outline"), 0)
    root[NameObject("/Lang")] = text(at("language"))
    layer = writer._add_object(dictionary(Type=name("OCG"), Name=text(at("layer-name"))))
    root[NameObject("/OCProperties")] = dictionary(OCGs=ArrayObject([layer]), D=dictionary(Name=text(at("layer-setting")), OFF=ArrayObject([layer]), Order=ArrayObject([text(at("layer-group")), layer])))
    sheet = writer.pages[0]
    hidden = DecodedStreamObject()
    hidden.set_data(f"/OC /L BDC BT /F1 8 Tf 20 200 Td ({at('hidden-layer')}) Tj ET EMC /Span <</ActualText ({at('actual-text')}) /Alt ({at('inline-alt')}) /E ({at('expansion')})>> BDC BT /F1 8 Tf 20 180 Td (x) Tj ET EMC".encode())
    sheet["/Resources"].get_object()[NameObject("/Properties")] = dictionary(L=layer)
    sheet[NameObject("/Contents")] = ArrayObject([sheet.raw_get("/Contents"), writer._add_object(hidden.flate_encode())])
    rectangle = ArrayObject([NumberObject(n) for n in (0, 0, 9, 9)])

    def annotate(kind, **entries):
        note = dictionary(Type=name("Annot"), Subtype=name(kind), Rect=rectangle, **entries)
        sheet.setdefault(NameObject("/Annots"), ArrayObject()).append(writer._add_object(note))
        return note

    writer.add_annotation(0, FreeText(text=at("free-text"), rect=(0, 0, 50, 50)))
    annotate("Text", Contents=text(at("note")), T=text(at("note-author")), Subj=text(at("note-subject")), NM=text(at("note-name")), RC=text(f"<body><p>{at('note-rich')}</p></body>"))
    annotate("Popup", Contents=text(at("popup")))
    annotate("Stamp", Name=name("Draft"), Contents=text(at("stamp")))
    annotate("Link", A=dictionary(S=name("URI"), URI=text("mailto:" + at("link"))), Contents=text(at("link-alt")))
    annotate("Link", A=dictionary(S=name("GoToR"), F=dictionary(Type=name("Filespec"), F=text("/home/" + at("remote-file")), UF=text("/home/" + at("remote-file")))))
    annotate("Link", A=dictionary(S=name("Launch"), F=text(at("launch")), Win=dictionary(F=text(at("launch-windows")), P=text(at("launch-parameters")))))
    annotate("Link", A=dictionary(S=name("Named"), N=name("NextPage"), Next=dictionary(S=name("URI"), URI=text("mailto:" + at("next-action")))))
    annotate("Link", PA=dictionary(S=name("URI"), URI=text("mailto:" + at("previous-action"))), Dest=text(at("link-target")))
    field = annotate("Widget", FT=name("Tx"), T=text(at("field-name")), TU=text(at("field-tooltip")), TM=text(at("field-mapping")), V=text(at("field-value")), DV=text(at("field-default")), RV=text(f"<body>{at('field-rich')}</body>"),
        AA=dictionary(K=dictionary(S=name("JavaScript"), JS=text(f"// {at('field-script')}"))), MK=dictionary(CA=text(at("button-caption")), AC=text(at("button-pressed"))))
    annotate("Widget", FT=name("Ch"), T=text("choice"), Opt=ArrayObject([text(at("option")), ArrayObject([text(at("option-value")), text(at("option-shown"))])]), V=ArrayObject([text(at("chosen"))]))
    annotate("Widget", FT=name("Btn"), T=text("send"), A=dictionary(S=name("SubmitForm"), F=dictionary(FS=name("URL"), F=text("mailto:" + at("submit")))))
    root[NameObject("/AcroForm")] = dictionary(Fields=sheet["/Annots"], XFA=ArrayObject([text("template"), writer._add_object(xfa(at))]), NeedAppearances=BooleanObject(True))
    structure = dictionary(Type=name("StructTreeRoot"), K=dictionary(Type=name("StructElem"), S=name("Figure"), Alt=text(at("structure-alt")), ActualText=text(at("structure-text")), T=text(at("structure-title")), E=text(at("structure-expansion")), ID=text(at("structure-id"))))
    root[NameObject("/StructTreeRoot")] = writer._add_object(structure)
    root[NameObject("/PieceInfo")] = dictionary(Tool=dictionary(Private=dictionary(Note=text(at("private-data")))))
    root[NameObject("/URI")] = dictionary(Base=text("mailto:" + at("link-base")))
    root[NameObject("/Collection")] = dictionary(Schema=dictionary(x=dictionary(N=text(at("portfolio-column")), Subtype=name("S"))))
    sheet[NameObject("/PieceInfo")] = dictionary(Tool=dictionary(Private=text(at("page-private-data"))))
    writer._add_object(dictionary(Stray=text(at("unused-object"))))
    signature = dictionary(Type=name("Sig"), Name=text(at("signer")), Reason=text(at("signature-reason")), Location=text(at("signature-location")), ContactInfo=text(at("signature-contact")))
    annotate("Widget", FT=name("Sig"), T=text("signed"), V=writer._add_object(signature))
    out = io.BytesIO()
    writer.write(out)
    # A later saving in which the old text is no part of the document any more.
    at.write(out.getvalue())


def xfa(at):
    stream = DecodedStreamObject()
    stream.set_data(f'<template xmlns="http://www.xfa.org/schema/xfa-template/3.3/"><field name="f"><value><text>{at("xfa")}</text></value></field></template>'.encode())
    return stream.flate_encode()


def make():
    pages()
    objects()

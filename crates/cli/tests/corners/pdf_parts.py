"""A PDF whose values stand in what readers of PDF seldom show: targets, articles, measures, tags, media, signatures."""

from pypdf import PdfWriter
from pypdf.generic import ArrayObject, FloatObject, NullObject, NumberObject

from pdf import dictionary, name, numbers, stream, text, uri, written
from pdf_content import shown
from planting import Planted


def parts():
    at = Planted("pdf-parts.pdf")
    writer = PdfWriter()
    root, add = writer._root_object, writer._add_object
    sheet = writer.add_blank_page(300, 300)
    here = ArrayObject([sheet.indirect_reference, name("Fit")])
    font = dictionary(F1=add(dictionary(Type=name("Font"), Subtype=name("Type1"), BaseFont=name("Helvetica"))))
    sheet[name("Resources")] = dictionary(
        Font=font, ColorSpace=dictionary(Spot=ArrayObject([name("Separation"), name(at("spot-colour")), name("DeviceGray"), add(dictionary(
            FunctionType=NumberObject(2), Domain=numbers(0, 1), C0=numbers(1), C1=numbers(0), N=NumberObject(1)))])))
    sheet[name("Contents")] = add(stream(shown("page", 280)))

    def said(**corners):
        return {key: text(at(corner)) for key, corner in corners.items()}

    def script(corner):
        return dictionary(S=name("JavaScript"), JS=text(f"// {at(corner)}"))

    def element(kind, **entries):
        return dictionary(Type=name("StructElem"), S=name(kind), **entries)

    writer.add_metadata({"/" + at("property-name"): "x"})
    template = dictionary(Type=name("Template"), MediaBox=numbers(0, 0, 300, 300), Resources=dictionary(Font=font), Contents=add(stream(shown(at("template-page"), 280))))
    root.update(dictionary(
        Names=dictionary(
            Dests=dictionary(Names=ArrayObject([text(at("target")), here])),
            Pages=dictionary(Names=ArrayObject([text(at("template-name")), add(template)])),
            URLS=dictionary(Names=ArrayObject([text("http://example.org/" + at("captured")), NullObject()])),
        ),
        Dests=dictionary(**{at("old-target"): here}),
        Threads=ArrayObject([add(dictionary(Type=name("Thread"), I=dictionary(**said(Title="article", Author="article-author"))))]),
        OutputIntents=ArrayObject([dictionary(Type=name("OutputIntent"), S=name("GTS_PDFX"), **said(OutputConditionIdentifier="paper", OutputCondition="paper-condition", Info="paper-info"))]),
        Legal=dictionary(**said(Attestation="attestation")),
        StructTreeRoot=add(dictionary(
            Type=name("StructTreeRoot"), RoleMap=dictionary(**{at("role"): name("P")}),
            K=ArrayObject([
                element("P", A=dictionary(O=name("UserProperties"), P=ArrayObject([dictionary(**said(N="user-property-name", V="user-property", F="user-property-shown"))]))),
                element("Table", A=dictionary(O=name("Table"), **said(Summary="table-summary"))),
                element("Form", A=dictionary(O=name("PrintField"), Role=name("tv"), **said(Desc="printed-field"))),
                element("Span", **said(Phoneme="phoneme", Lang="element-language")),
            ]))),
    ))
    outline = writer.add_outline_item("outer", 0)
    inner = writer.add_outline_item(at("inner-outline"), 0, parent=outline).get_object()
    inner.pop("/Dest", None)
    inner[name("A")] = uri(at("outline-link"))
    ratio = ArrayObject([dictionary(C=FloatObject(1), U=text(at("measure-unit")), PS=text(at("measure-prefix")))])
    sheet[name("VP")] = ArrayObject([dictionary(Type=name("Viewport"), BBox=numbers(0, 0, 9, 9), Name=text(at("viewport")), Measure=dictionary(R=text(at("measure-ratio")), X=ratio))])
    sheet[name("Metadata")] = add(stream(f"<about>{at('page-metadata')}</about>", Type=name("Metadata"), Subtype=name("XML")))
    sheet[name("AA")] = dictionary(O=script("page-script"))
    film = dictionary(N=text(at("rendition")), S=name("MR"), C=dictionary(S=name("MCD"), N=text(at("clip")), CT=text("video/mp4"), D=text("/home/" + at("clip-file")), Alt=ArrayObject([text(""), text(at("clip-alt"))])))
    group = dictionary(FT=name("Tx"), **said(T="group-name", V="group-value"))
    seed = dictionary(Type=name("SV"), Reasons=ArrayObject([text(at("seed-reason"))]), TimeStamp=dictionary(URL=text("https://example.org/" + at("seed-address"))))
    signature = dictionary(
        Type=name("Sig"), Prop_Build=dictionary(App=dictionary(Name=name(at("signed-by")), **said(REx="signed-by-version"))),
        Contents=text("\0" * 8 + at("certificate")), ByteRange=numbers(0, 1, 2, 1), **said(Name="signer"))
    box = dictionary(N=dictionary(**{at("export-name"): add(stream("", Subtype=name("Form"), BBox=numbers(0, 0, 9, 9)))}))
    notes = [
        ("Redact", {**said(OverlayText="overlay", Contents="redacted-note"), "DA": text("/F1 8 Tf")}),
        ("Screen", {"T": text(at("screen")), "A": dictionary(S=name("Rendition"), R=film)}),
        ("Movie", {"T": text(at("movie")), "Movie": dictionary(F=text(at("movie-file")))}),
        ("Link", {"A": dictionary(S=name("Hide"), T=text(at("hidden-field")))}),
        ("Link", {"A": dictionary(S=name("ImportData"), F=text(at("imported-file")))}),
        ("Link", {"A": dictionary(S=name("GoToE"), D=text(at("embedded-target")), T=dictionary(R=name("C"), N=text(at("embedded-file"))))}),
        ("Link", {"A": uri(at("escaped-link").replace("@", "%40"))}),
        ("Link", {"A": dictionary(S=name("Thread"), F=text(at("article-file")), D=text(at("article-target")))}),
        ("Text", {"Contents": text("x"), "RC": add(stream(f"<body>{at('rich-stream')}</body>")), "CreationDate": text(at("not-a-date"))}),
        ("Text", {"Contents": text("x"), "Subj": text("\x01" + at("control-sign"))}),
        ("Text", {"Contents": text("x"), "OC": add(dictionary(Type=name("OCG"), Name=text("\u001bde\u001b" + at("language-mark") + "ж")))}),
        ("Widget", {"FT": name("Btn"), "T": text("push"), "TU": text("\x01" + at("control-sign-tooltip")), "AA": dictionary(U=script("mouse-script"), Fo=script("focus-script"))}),
        ("Widget", {"Parent": add(group), "T": text(at("kid-name"))}),
        ("Widget", {"FT": name("Tx"), "T": text("long"), "V": add(stream(at("value-stream"))), "DS": text(f"font: {at('default-style')}")}),
        ("Widget", {"FT": name("Btn"), "T": text("box"), "AS": name(at("export-name")), "V": name(at("export-name")), "AP": box, "Opt": ArrayObject([text(at("export-value"))])}),
        ("Widget", {"FT": name("Tx"), "T": text("code"), "PMD": dictionary(Symbology=name("QRCode"), **said(Caption="bar-code"))}),
        ("Widget", {"FT": name("Sig"), "T": text("signed"), "V": add(signature), "SV": add(seed), "Lock": dictionary(Action=name("Include"), Fields=ArrayObject([text(at("locked-field"))]))}),
    ]
    sheet[name("Annots")] = ArrayObject([add(dictionary(Type=name("Annot"), Subtype=name(kind), Rect=numbers(0, 0, 9, 9), **entries)) for kind, entries in notes])
    root[name("AcroForm")] = dictionary(Fields=sheet["/Annots"], DA=text("/F1 8 Tf"))
    at.write(written(writer))


def make():
    parts()

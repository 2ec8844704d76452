"""Word documents: python-docx and pandoc make them, with parts by hand where no library writes them."""

import datetime
import io
import subprocess

import docx
import openpyxl

from planting import Package, Planted, zipped

NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture" '
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" '
    'xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
)
DATE = 'w:date="2025-03-04T10:11:12Z"'
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml."
MAIN = "word/document.xml"


def blank():
    """A document of python-docx without what its template brings along."""
    document = docx.Document()
    properties = document.core_properties
    properties.author = properties.comments = ""
    properties.created = properties.modified = datetime.datetime(2025, 3, 4)
    styles = document.styles
    for style in list(styles):
        if style.name not in ("Normal", "Table Grid", "Heading 1", "Header", "Footer"):
            style.delete()
    return document


def package(document):
    out = io.BytesIO()
    document.save(out)
    made = Package(out.getvalue())
    made.drop(
        "docProps/thumbnail.jpeg",
        "word/stylesWithEffects.xml",
        "word/theme/theme1.xml",
        "word/fontTable.xml",
        "word/webSettings.xml",
        "word/numbering.xml",
        "customXml/item1.xml",
        "customXml/itemProps1.xml",
        "customXml/_rels/item1.xml.rels",
    )
    text = made.text(MAIN)
    start = text.index("<w:document")
    made.parts[MAIN] = (text[:start] + f"<w:document {NAMESPACES}>" + text[text.index(">", start) + 1 :]).encode()
    return made


def body(made, content):
    made.edit(MAIN, "<w:body>", "<w:body>" + content)


def run(text, looks=""):
    return f'<w:r>{looks}<w:t xml:space="preserve">{text}</w:t></w:r>'


def par(content):
    return f"<w:p>{content}</w:p>"


def changes():
    at = Planted("docx-changes.docx")
    who = lambda corner: f'w:id="{len(at.values) + 1}" w:author="{at(corner)}" {DATE}'
    document = blank()
    document.add_paragraph(f"plain {at('text')}")
    made = package(document)
    body(made, "".join([
        par(f'<w:ins {who("ins-author")}>{run("in " + at("ins"))}</w:ins>'),
        par(f'<w:del {who("del-author")}><w:r><w:delText>out {at("del")}</w:delText></w:r></w:del>'),
        par(f'<w:moveFromRangeStart w:name="{at("move-name")}" {who("move-from-range-author")}/><w:moveFrom {who("move-from-author")}>'
            f'{run(at("move-from"))}</w:moveFrom><w:moveFromRangeEnd w:id="5"/>'),
        par(f'<w:moveTo {who("move-to-author")}>{run(at("move-to"))}</w:moveTo>'),
        par(run("looks", f'<w:rPr><w:b/><w:rPrChange {who("run-looks-author")}><w:rPr/></w:rPrChange></w:rPr>')),
        par(f'<w:pPr><w:rPr><w:ins {who("mark-ins-author")}/></w:rPr><w:pPrChange {who("paragraph-looks-author")}><w:pPr/></w:pPrChange></w:pPr>{run("x")}'),
        par(f'<w:del {who("del-code-author")}><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:delInstrText> QUOTE "{at("del-code")}" </w:delInstrText></w:r>'
            f'<w:r><w:fldChar w:fldCharType="end"/></w:r></w:del>'),
        f'<w:tbl><w:tblPr><w:tblPrChange {who("table-looks-author")}><w:tblPr/></w:tblPrChange></w:tblPr><w:tblGrid><w:gridCol w:w="900"/></w:tblGrid>'
        f'<w:tr><w:trPr><w:ins {who("row-ins-author")}/></w:trPr><w:tc><w:tcPr><w:cellIns {who("cell-ins-author")}/></w:tcPr>{par(run(at("row-ins")))}</w:tc></w:tr>'
        f'<w:tr><w:trPr><w:del {who("row-del-author")}/></w:trPr><w:tc><w:tcPr><w:cellDel {who("cell-del-author")}/></w:tcPr>{par("<w:del " + who("cell-author") + "><w:r><w:delText>" + at("row-del") + "</w:delText></w:r></w:del>")}</w:tc></w:tr></w:tbl>',
        par(f'<w:ins {who("nest-ins-author")}><w:del {who("nest-del-author")}><w:r><w:delText>{at("nest-del")}</w:delText></w:r></w:del></w:ins>'),
        par(f'<w:customXmlInsRangeStart {who("sdt-ins-author")}/><w:customXmlInsRangeEnd w:id="99"/>{run("y")}'),
        par(f'<m:oMath><m:r><w:ins {who("math-author")}><m:t>{at("math")}</m:t></w:ins></m:r></m:oMath>'),
    ]))
    at.write(made.bytes())


def notes():
    at = Planted("docx-notes.docx")
    document = blank()
    document.add_paragraph("body " + at("text"))
    section = document.sections[0]
    section.different_first_page_header_footer = True
    document.settings.odd_and_even_pages_header_footer = True
    for corner, story in [
        ("header", section.header), ("first-header", section.first_page_header), ("even-header", section.even_page_header),
        ("footer", section.footer), ("first-footer", section.first_page_footer), ("even-footer", section.even_page_footer),
    ]:
        story.paragraphs[0].text = at(corner)
    document.add_comment(document.paragraphs[0].runs, text=at("comment"), author=at("comment-author"), initials=at("comment-initials"))
    made = package(document)
    for kind in ["footnote", "endnote"]:
        note = f'<w:{kind} w:id="2"><w:p>{run(at(kind))}</w:p></w:{kind}>'
        mark = f'<w:{kind} w:type="separator" w:id="0"><w:p>{run(at(kind + "-separator"))}</w:p></w:{kind}>'
        made.add(MAIN, kind + "s", f"word/{kind}s.xml", f"{XML}<w:{kind}s {NAMESPACES}>{mark}{note}</w:{kind}s>", WORD + kind + "s+xml")
        body(made, par(f'<w:r><w:{kind}Reference w:id="2"/></w:r>'))
    made.relate("word/footnotes.xml", "hyperlink", "mailto:" + at("footnote-link"))
    people = f'<w15:people {NAMESPACES}><w15:person w15:author="{at("person")}"><w15:presenceInfo w15:providerId="AD" w15:userId="{at("person-id")}"/></w15:person></w15:people>'
    made.add(MAIN, "http://schemas.microsoft.com/office/2011/relationships/people", "word/people.xml", XML + people, WORD + "people+xml")
    header = next(name for name in made.parts if name.startswith("word/header"))
    mark = (
        '<w:p><w:r><w:pict><v:shape id="PowerPlusWaterMarkObject1" o:spid="_x0000_s1" type="#_x0000_t136" style="width:400pt;height:90pt" '
        f'alt="{at("watermark-alt")}" title="{at("watermark-title")}" href="mailto:{at("watermark-href")}"><v:textpath style="font-family:Arial" string="{at("watermark")}"/></v:shape></w:pict></w:r></w:p>'
    )
    made.edit(header, "</w:hdr>", mark + "</w:hdr>")
    if "xmlns:v=" not in made.text(header):
        made.edit(header, "<w:hdr", '<w:hdr xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"')
    at.write(made.bytes())


def text():
    at = Planted("docx-text.docx")
    document = blank()
    table = document.add_table(1, 2)
    table.cell(0, 0).text = at("cell")
    inner = table.cell(0, 1).add_table(1, 1)
    inner.cell(0, 0).text = at("inner-cell")
    document.add_heading(at("heading"), 1)
    made = package(document)
    local, domain = at("split").split("@")
    box = lambda value: f"<w:txbxContent>{par(run(value))}</w:txbxContent>"
    body(made, "".join([
        par("<w:pPr><w:rPr><w:vanish/></w:rPr></w:pPr>" + run(at("hidden"), "<w:rPr><w:vanish/></w:rPr>")),
        par(run(at("web-hidden") + " ", "<w:rPr><w:webHidden/></w:rPr>") + run(at("white"), '<w:rPr><w:color w:val="FFFFFF"/><w:sz w:val="2"/></w:rPr>')),
        par(run(local[:7]) + '<w:proofErr w:type="spellStart"/>' + run(local[7:] + "@", "<w:rPr><w:b/></w:rPr>") + '<w:bookmarkStart w:id="70" w:name="x"/>' + run(domain) + '<w:bookmarkEnd w:id="70"/>'),
        par(f'<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:inline><wp:extent cx="900000" cy="900000"/><wp:docPr id="71" name="{at("box-name")}" descr="{at("box-alt")}" title="{at("box-title")}"/>'
            f'<a:graphic><a:graphicData uri="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"><wps:wsp><wps:cNvSpPr/><wps:spPr/><wps:txbx>{box(at("box"))}</wps:txbx><wps:bodyPr/></wps:wsp></a:graphicData></a:graphic></wp:inline></w:drawing></mc:Choice>'
            f'<mc:Fallback><w:pict><v:shape id="f1" alt="{at("box-alt")}" style="width:90pt;height:90pt"><v:textbox>{box(at("box"))}</v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r>'),
        # A fallback that was left behind by another program holds what the choice does not.
        par(f'<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:t>new</w:t></mc:Choice><mc:Fallback><w:pict><v:shape id="f2" alt="{at("fallback-alt")}"><v:textbox>{box(at("fallback-only"))}</v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r>'),
        par(f'<w:r><w:pict><v:rect id="f3" alt="{at("vml-alt")}" style="width:90pt;height:90pt"><v:textbox>{box(at("vml-box"))}</v:textbox></v:rect></w:pict></w:r>'),
        par(f"<w:r><w:ruby><w:rubyPr/><w:rt>{run(at('ruby') + ' ')}</w:rt><w:rubyBase>{run(' ' + at('ruby-base') + ' ')}</w:rubyBase></w:ruby></w:r>"),
        par(f'<w:smartTag w:uri="urn:x" w:element="person"><w:smartTagPr><w:attr w:name="mail" w:val="{at("smart-tag")}"/></w:smartTagPr>{run("who")}</w:smartTag>'),
        f'<w:customXml w:element="client"><w:customXmlPr><w:placeholder w:val="{at("xml-placeholder")}"/><w:attr w:name="mail" w:val="{at("xml-attribute")}"/></w:customXmlPr>{par(run(at("xml-element")))}</w:customXml>',
        f'<w:sdt><w:sdtPr><w:alias w:val="{at("sdt-alias")}"/><w:tag w:val="{at("sdt-tag")}"/><w:placeholder><w:docPart w:val="{at("sdt-placeholder")}"/></w:placeholder>'
        f'<w:dataBinding w:xpath="/a[@b=\'{at("sdt-binding")}\']" w:storeItemID="{{1}}" w:prefixMappings="xmlns:n=\'urn:{at("sdt-mapping")}\'"/>'
        f'<w:dropDownList w:lastValue="{at("sdt-last")}"><w:listItem w:displayText="{at("sdt-item")}" w:value="{at("sdt-value")}"/></w:dropDownList></w:sdtPr><w:sdtContent>{par(run(at("sdt")))}</w:sdtContent></w:sdt>',
        f'<w:sdt><w:sdtPr><w:date w:fullDate="2025-03-04T00:00:00Z"><w:dateFormat w:val="\'{at("sdt-date-format")}\' d"/></w:date><w:docPartObj><w:docPartGallery w:val="{at("sdt-gallery")}"/></w:docPartObj></w:sdtPr><w:sdtContent>{par(run("a date"))}</w:sdtContent></w:sdt>',
        f'<w:tbl><w:tblPr><w:tblCaption w:val="{at("table-caption")}"/><w:tblDescription w:val="{at("table-description")}"/></w:tblPr><w:tblGrid><w:gridCol w:w="900"/></w:tblGrid><w:tr><w:tc><w:tcPr/>{par(run("z"))}</w:tc></w:tr></w:tbl>',
        par(f'<w:permStart w:id="8" w:ed="{at("permitted")}"/>{run("may")}<w:permEnd w:id="8"/>'),
        par(f'<w:r><w:pict><v:shape id="f4"><v:textpath string="{at("word-art")}"/></v:shape></w:pict></w:r>'),
        par('<w:r><w:t>' + at("no-break").replace("-", "</w:t><w:noBreakHyphen/><w:t>") + '</w:t></w:r>'),
        f'<!-- {at("xml-comment")} -->',
    ]))
    at.write(made.bytes())


def fields():
    at = Planted("docx-fields.docx")
    made = package(blank())
    flag = lambda kind, more="": f'<w:r><w:fldChar w:fldCharType="{kind}">{more}</w:fldChar></w:r>'
    code = lambda words: f"<w:r><w:instrText xml:space=\"preserve\">{words}</w:instrText></w:r>"
    link = made.relate(MAIN, "hyperlink", "mailto:" + at("link"))
    frame = made.relate(MAIN, "subDocument", "file:///home/" + at("sub-document"))
    picture = made.relate(MAIN, "image", "https://example.org/?to=" + at("linked-picture"))
    made.relate(MAIN, "hyperlink", "mailto:" + at("unused-link"))
    form = (
        f'<w:ffData><w:name w:val="{at("form-name")}"/><w:entryMacro w:val="{at("form-entry-macro")}"/><w:exitMacro w:val="{at("form-exit-macro")}"/><w:helpText w:type="text" w:val="{at("form-help")}"/>'
        f'<w:statusText w:type="text" w:val="{at("form-status")}"/><w:textInput><w:default w:val="{at("form-default")}"/><w:format w:val="{at("form-format")}"/></w:textInput></w:ffData>'
    )
    list_form = f'<w:ffData><w:name w:val="l"/><w:ddList><w:listEntry w:val="{at("form-entry")}"/></w:ddList></w:ffData>'
    mail = at("code-split")
    body(made, "".join([
        par(f'<w:fldSimple w:instr=" AUTHOR {at("simple-code")} ">{run(at("simple-result"))}</w:fldSimple>'),
        par(flag("begin") + code(f' HYPERLINK "mailto:{mail[:6]}') + code(f'{mail[6:]}" \\o "{at("code-tooltip")}" ') + flag("separate") + run(at("code-result")) + flag("end")),
        par(flag("begin") + code(' IF "') + flag("begin") + code(f' MERGEFIELD {at("code-nested")} ') + flag("end") + code(f'" = "" "{at("code-if")}" ') + flag("end")),
        par(f'<w:hyperlink r:id="{link}" w:tooltip="{at("link-tooltip")}" w:docLocation="{at("link-location")}" w:tgtFrame="{at("link-frame")}">{run("write")}</w:hyperlink>'),
        par(f'<w:hyperlink w:anchor="{at("link-anchor")}">{run("inside")}</w:hyperlink><w:bookmarkStart w:id="1" w:name="{at("bookmark")}"/><w:bookmarkEnd w:id="1"/>'),
        par(flag("begin", form) + code(" FORMTEXT ") + flag("separate") + run(at("form-text")) + flag("end")),
        par(flag("begin", list_form) + code(" FORMDROPDOWN ") + flag("end")),
        par(flag("begin") + code(f' XE "{at("index-entry")}" ') + flag("end") + flag("begin") + code(f' TC "{at("contents-entry")}" ') + flag("end")),
        par(f'<w:r><w:pict><v:shape id="s1"><v:imagedata r:id="{picture}" o:title="{at("picture-title")}"/></v:shape></w:pict></w:r><w:subDoc r:id="{frame}"/>'),
        par(f'<w:r><w:fldChar w:fldCharType="begin"><w:fldData xml:space="preserve">AAAA</w:fldData></w:fldChar></w:r>{code(" ADDIN " + at("addin"))}' + flag("end")),
    ]))
    at.write(made.bytes())


def settings():
    at = Planted("docx-settings.docx")
    document = blank()
    document.styles.add_style(at("style-name"), 1)
    document.add_paragraph("x", style=at("style-name"))
    made = package(document)
    name = "word/settings.xml"
    source = made.relate(name, "mailMergeSource", "file:///home/" + at("merge-source"))
    header = made.relate(name, "mailMergeHeaderSource", "file:///home/" + at("merge-header"))
    template = made.relate(name, "attachedTemplate", "file:///home/" + at("template"))
    recipients = made.add(name, "recipientData", "word/recipientData.xml", f'{XML}<w:recipients {NAMESPACES}><w:recipientData><w:active w:val="1"/><w:column w:val="0"/><w:uniqueTag w:val="{at("recipient")}"/></w:recipientData></w:recipients>', WORD + "mailMergeRecipientData+xml")
    merge = (
        f'<w:mailMerge><w:mainDocumentType w:val="email"/><w:dataType w:val="odbc"/><w:connectString w:val="Provider=x;User={at("merge-connection")}"/><w:query w:val="SELECT * WHERE mail = \'{at("merge-query")}\'"/>'
        f'<w:dataSource r:id="{source}"/><w:headerSource r:id="{header}"/><w:addressFieldName w:val="{at("merge-address")}"/><w:mailSubject w:val="{at("merge-subject")}"/>'
        f'<w:odso><w:udl w:val="{at("merge-udl")}"/><w:table w:val="{at("merge-table")}"/><w:src r:id="{source}"/><w:fieldMapData><w:name w:val="{at("merge-field")}"/><w:mappedName w:val="{at("merge-mapped")}"/></w:fieldMapData><w:recipientData r:id="{recipients}"/></w:odso></w:mailMerge>'
    )
    variables = f'<w:docVars><w:docVar w:name="{at("variable-name")}" w:val="{at("variable")}"/></w:docVars>'
    rest = (
        f'<w:captions><w:caption w:name="{at("caption")}"/></w:captions><w:attachedSchema w:val="urn:{at("schema")}"/><w:writeProtection w:recommended="1"/>'
        f'<w:saveThroughXslt w:solutionID="{at("solution")}"/>'
    )
    text = made.text(name)
    made.parts[name] = (text[: text.index("<w:settings")] + f"<w:settings {NAMESPACES}><w:attachedTemplate r:id=\"{template}\"/>" + merge + variables + rest + "</w:settings>").encode()
    numbering = (
        f'{XML}<w:numbering {NAMESPACES}><w:abstractNum w:abstractNumId="0"><w:name w:val="{at("list-name")}"/><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="{at("list-label")} %1"/></w:lvl></w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
    )
    made.add(MAIN, "numbering", "word/numbering.xml", numbering, WORD + "numbering+xml")
    made.edit("word/styles.xml", "</w:styles>", f'<w:style w:type="paragraph" w:customStyle="1" w:styleId="s9"><w:name w:val="s9"/><w:aliases w:val="{at("style-alias")}"/></w:style></w:styles>')
    web = f'{XML}<w:webSettings {NAMESPACES}><w:frameset><w:frame><w:name w:val="{at("frame-name")}"/><w:title w:val="{at("frame-title")}"/></w:frame></w:frameset></w:webSettings>'
    made.add(MAIN, "webSettings", "word/webSettings.xml", web, WORD + "webSettings+xml")
    fonts = f'{XML}<w:fonts {NAMESPACES}><w:font w:name="Font"><w:altName w:val="{at("font")}"/></w:font></w:fonts>'
    made.add(MAIN, "fontTable", "word/fontTable.xml", fonts, WORD + "fontTable+xml")
    at.write(made.bytes())


def properties():
    at = Planted("docx-properties.docx")
    document = blank()
    for name in ["author", "title", "subject", "comments", "keywords", "category", "content_status", "last_modified_by", "identifier", "version", "language"]:
        setattr(document.core_properties, name, at(name.replace("_", "-")))
    made = package(document)
    office = "http://schemas.openxmlformats.org/officeDocument/2006/"
    app = (
        f'{XML}<Properties xmlns="{office}extended-properties" xmlns:vt="{office}docPropsVTypes"><Template>{at("template")}</Template><Manager>{at("manager")}</Manager><Company>{at("company")}</Company>'
        f'<TitlesOfParts><vt:vector size="1" baseType="lpstr"><vt:lpstr>{at("part-title")}</vt:lpstr></vt:vector></TitlesOfParts><HyperlinkBase>mailto:{at("link-base")}</HyperlinkBase>'
        f'<HLinks><vt:vector size="1" baseType="variant"><vt:variant><vt:lpwstr>mailto:{at("h-link")}</vt:lpwstr></vt:variant></vt:vector></HLinks></Properties>'
    )
    made.parts["docProps/app.xml"] = app.encode()
    custom = (
        f'{XML}<Properties xmlns="{office}custom-properties" xmlns:vt="{office}docPropsVTypes"><property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="2" name="{at("custom-name")}"><vt:lpwstr>{at("custom")}</vt:lpwstr></property>'
        f'<property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="3" name="n" linkTarget="{at("custom-link")}"><vt:i4>7</vt:i4></property></Properties>'
    )
    made.add("", "custom-properties", "docProps/custom.xml", custom, "application/vnd.openxmlformats-officedocument.custom-properties+xml")
    item = f'{XML}<case xmlns="urn:case" owner="{at("custom-xml-attribute")}"><client>{at("custom-xml")}</client><!-- {at("custom-xml-comment")} --></case>'
    made.add(MAIN, "customXml", "customXml/item1.xml", item)
    props = f'{XML}<ds:datastoreItem ds:itemID="{{1}}" xmlns:ds="{office}customXml"><ds:schemaRefs><ds:schemaRef ds:uri="urn:{at("custom-xml-schema")}"/></ds:schemaRefs></ds:datastoreItem>'
    made.add("customXml/item1.xml", "customXmlProps", "customXml/itemProps1.xml", props, "application/vnd.openxmlformats-officedocument.customXmlProperties+xml")
    glossary = (
        f'{XML}<w:glossaryDocument {NAMESPACES}><w:docParts><w:docPart><w:docPartPr><w:name w:val="{at("glossary-name")}"/><w:category><w:name w:val="{at("glossary-category")}"/></w:category>'
        f'<w:description w:val="{at("glossary-description")}"/></w:docPartPr><w:docPartBody>{par(run(at("glossary")))}</w:docPartBody></w:docPart></w:docParts></w:glossaryDocument>'
    )
    made.add(MAIN, "glossaryDocument", "word/glossary/document.xml", glossary, WORD + "document.glossary+xml")
    inner = f'{XML}<w:settings {NAMESPACES}><w:docVars><w:docVar w:name="v" w:val="{at("glossary-variable")}"/></w:docVars></w:settings>'
    made.add("word/glossary/document.xml", "settings", "word/glossary/settings.xml", inner, WORD + "settings+xml")
    at.write(made.bytes())


def chart(at):
    point = lambda value: f'<c:pt idx="0"><c:v>{value}</c:v></c:pt>'
    return (
        f'{XML}<c:chartSpace {NAMESPACES}><c:chart><c:title><c:tx><c:rich><a:bodyPr/><a:p><a:r><a:t>{at("chart-title")}</a:t></a:r></a:p></c:rich></c:tx></c:title><c:plotArea><c:barChart><c:ser><c:idx val="0"/>'
        f'<c:tx><c:strRef><c:f>Sheet1!$B$1</c:f><c:strCache><c:ptCount val="1"/>{point(at("chart-series"))}</c:strCache></c:strRef></c:tx>'
        f'<c:cat><c:strRef><c:f>\'[{at("chart-formula")}]Sheet1\'!$A$2</c:f><c:strCache><c:ptCount val="1"/>{point(at("chart-category"))}</c:strCache></c:strRef></c:cat>'
        f'<c:val><c:numRef><c:f>Sheet1!$B$2</c:f><c:numCache><c:formatCode>"{at("chart-number-format")}"0</c:formatCode><c:ptCount val="1"/><c:pt idx="0"><c:v>7</c:v></c:pt></c:numCache></c:numRef></c:val></c:ser></c:barChart>'
        f'<c:valAx><c:title><c:tx><c:rich><a:p><a:r><a:t>{at("chart-axis")}</a:t></a:r></a:p></c:rich></c:tx></c:title></c:valAx></c:plotArea></c:chart>'
        f'<c:printSettings><c:headerFooter><c:oddHeader>{at("chart-header")}</c:oddHeader></c:headerFooter></c:printSettings></c:chartSpace>'
    )


def embedded():
    at = Planted("docx-embedded.docx")
    made = package(blank())
    book = openpyxl.Workbook()
    book.active["A1"] = at("embedded-workbook")
    out = io.BytesIO()
    book.save(out)
    made.add(MAIN, "package", "word/embeddings/Microsoft_Excel_Sheet1.xlsx", out.getvalue())
    inner = f'{XML}<w:document {NAMESPACES}><w:body>{par(run(at("embedded-document")))}</w:body></w:document>'
    kinds = f'{XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="{WORD}document.main+xml"/></Types>'
    relations = f'{XML}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="{Package.RELATIONS}officeDocument" Target="word/document.xml"/></Relationships>'
    made.add(MAIN, "package", "word/embeddings/Microsoft_Word_Document2.docx", zipped({"[Content_Types].xml": kinds, "_rels/.rels": relations, "word/document.xml": inner}))
    html = made.add(MAIN, "aFChunk", "word/chunk1.html", f'<html><body title="{at("chunk-html-title")}">{at("chunk-html")}</body></html>', "text/html")
    rtf = made.add(MAIN, "aFChunk", "word/chunk2.rtf", "{\\rtf1\\ansi " + at("chunk-rtf") + "}", "application/rtf")
    mime = f"MIME-Version: 1.0\nContent-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n<p>{at('chunk-mht')}</p>\n"
    mht = made.add(MAIN, "aFChunk", "word/chunk3.mht", mime, "message/rfc822")
    svg = f'<svg xmlns="http://www.w3.org/2000/svg"><title>{at("svg-title")}</title><text>{at("svg-text")}</text></svg>'
    made.add(MAIN, "image", "word/media/image1.svg", svg)
    made.add(MAIN, "image", f"word/media/{at('media-name')}.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>")
    drawn = made.add(MAIN, "chart", "word/charts/chart1.xml", chart(at), "application/vnd.openxmlformats-officedocument.drawingml.chart+xml")
    made.relate("word/charts/chart1.xml", "oleObject", "file:///home/" + at("chart-source"))
    shapes = f'{XML}<c:userShapes {NAMESPACES}><a:p><a:r><a:t>{at("chart-shape")}</a:t></a:r></a:p></c:userShapes>'
    made.add("word/charts/chart1.xml", "chartUserShapes", "word/drawings/drawing1.xml", shapes, "application/vnd.openxmlformats-officedocument.drawingml.chartshapes+xml")
    data = f'{XML}<dgm:dataModel {NAMESPACES}><dgm:ptLst><dgm:pt modelId="1"><dgm:prSet phldrT="{at("diagram-prompt")}"/><dgm:t><a:bodyPr/><a:p><a:r><a:t>{at("diagram")}</a:t></a:r></a:p></dgm:t></dgm:pt></dgm:ptLst></dgm:dataModel>'
    made.add(MAIN, "diagramData", "word/diagrams/data1.xml", data, "application/vnd.openxmlformats-officedocument.drawingml.diagramData+xml")
    drawing = f'{XML}<dsp:drawing xmlns:dsp="http://schemas.microsoft.com/office/drawing/2008/diagram" {NAMESPACES}><dsp:sp><dsp:nvSpPr><dsp:cNvPr id="0" name="" descr="{at("diagram-alt")}"/></dsp:nvSpPr><dsp:txBody><a:p><a:r><a:t>{at("diagram-drawing")}</a:t></a:r></a:p></dsp:txBody></dsp:sp></dsp:drawing>'
    made.add(MAIN, "http://schemas.microsoft.com/office/2007/relationships/diagramDrawing", "word/diagrams/drawing1.xml", drawing, "application/vnd.ms-office.drawingml.diagramDrawing+xml")
    layout = f'{XML}<dgm:layoutDef {NAMESPACES} uniqueId="u"><dgm:title val="{at("diagram-layout-title")}"/><dgm:desc val="{at("diagram-layout-description")}"/></dgm:layoutDef>'
    made.add(MAIN, "diagramLayout", "word/diagrams/layout1.xml", layout, "application/vnd.openxmlformats-officedocument.drawingml.diagramLayout+xml")
    control = f'{XML}<ax:ocx xmlns:ax="http://schemas.microsoft.com/office/2006/activeX" ax:classid="{{1}}" ax:persistence="persistPropertyBag"><ax:ocxPr ax:name="Caption" ax:value="{at("control")}"/></ax:ocx>'
    made.add(MAIN, "control", "word/activeX/activeX1.xml", control, "application/vnd.ms-office.activeX+xml")
    task = f'{XML}<wetp:taskpanes xmlns:wetp="http://schemas.microsoft.com/office/webextensions/taskpanes/2010/11"><wetp:note text="{at("task-pane")}"/></wetp:taskpanes>'
    made.add("", "http://schemas.microsoft.com/office/2011/relationships/webextensiontaskpanes", "word/webextensions/taskpanes.xml", task, "application/vnd.ms-office.webextensiontaskpanes+xml")
    made.add(MAIN, "http://example.org/stray", "word/stray.bin", b"\0\x01" + at("stray-binary").encode() + b"\0\x02")
    made.add(MAIN, "http://example.org/stray", "word/stray.txt", at("stray-text"))
    body(made, f'<w:altChunk r:id="{html}"/><w:altChunk r:id="{rtf}"/><w:altChunk r:id="{mht}"/>' + par(
        f'<w:r><w:drawing><wp:inline><wp:extent cx="900000" cy="900000"/><wp:docPr id="9" name="Chart 9" descr="{at("chart-alt")}"/><a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/chart"><c:chart r:id="{drawn}"/></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>'))
    at.write(made.bytes())


def by_pandoc():
    at = Planted("docx-pandoc.docx")
    source = (
        f"---\ntitle: {at('title')}\nauthor: {at('author')}\nabstract: {at('abstract')}\nsubject: {at('subject')}\nkeywords: ['{at('keyword')}']\n---\n\n"
        f"# Head {at('heading')}\n\nText {at('text')}, [link](mailto:{at('link')}) and note[^1].\n\n[^1]: {at('footnote')}\n\n"
        f"- {at('item')}\n\n> {at('quote')}\n\n`{at('code')}`\n\n| a | b |\n|---|---|\n| {at('cell')} | x |\n\nTerm {at('term')}\n:   {at('definition')}\n\n"
        f"[in]{{.insertion author=\"{at('ins-author')}\" date=\"2025-03-04T10:11:12Z\"}} [{at('del')}]{{.deletion author=\"{at('del-author')}\" date=\"2025-03-04T10:11:12Z\"}} "
        f"[{at('comment')}]{{.comment-start id=\"0\" author=\"{at('comment-author')}\" date=\"2025-03-04T10:11:12Z\"}}x[]{{.comment-end id=\"0\"}}\n"
    )
    subprocess.run(["pandoc", "-f", "markdown", "-t", "docx", "-o", at.path], input=source, text=True, check=True, env={"SOURCE_DATE_EPOCH": "1741000000", "PATH": "/usr/bin:/bin"})
    made = Package(at.path.read_bytes())
    made.drop("word/theme/theme1.xml", "word/fontTable.xml")
    at.write(made.bytes())


def make():
    changes()
    notes()
    text()
    fields()
    settings()
    properties()
    embedded()
    by_pandoc()

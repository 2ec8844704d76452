"""Presentations: python-pptx makes them, with parts by hand where no library writes them."""

import datetime
import io

import pptx
import pptx.chart.data
import pptx.enum.chart
from pptx.util import Inches

from planting import Package, Planted
from word import XML

P = "http://schemas.openxmlformats.org/presentationml/2006/main"
NAMESPACES = (
    f'xmlns:p="{P}" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
)
PRESENTATION = "application/vnd.openxmlformats-officedocument.presentationml."
MAIN = "ppt/presentation.xml"


def blank():
    show = pptx.Presentation()
    title, empty = show.slide_layouts[0], show.slide_layouts[6]
    for layout in list(show.slide_layouts):
        if layout not in (title, empty):
            show.slide_layouts.remove(layout)
    show.core_properties.created = show.core_properties.modified = datetime.datetime(2025, 3, 4)
    return show, title, empty


def package(show):
    out = io.BytesIO()
    show.save(out)
    made = Package(out.getvalue())
    made.drop("docProps/thumbnail.jpeg", "ppt/printerSettings/printerSettings1.bin", "ppt/theme/theme2.xml")
    return made


def slides():
    at = Planted("pptx-slides.pptx")
    show, title, empty = blank()
    for name in ["author", "title", "subject", "comments", "keywords", "category", "content_status", "last_modified_by"]:
        setattr(show.core_properties, name, at(name.replace("_", "-")))
    first = show.slides.add_slide(title)
    first.shapes.title.text = at("slide-title")
    first.placeholders[1].text = at("subtitle")
    first.notes_slide.notes_text_frame.text = at("notes")
    second = show.slides.add_slide(empty)
    second._element.set("show", "0")
    second.name = at("slide-name")
    inch = Inches(1)
    box = second.shapes.add_textbox(inch, inch, inch, inch)
    box.name = at("shape-name")
    words = box.text_frame.paragraphs[0]
    local, domain = at("split").split("@")
    for part in [local[:5], local[5:] + "@", domain]:
        words.add_run().text = part
    words.add_run().text = " link"
    words.runs[-1].hyperlink.address = "mailto:" + at("link")
    table = second.shapes.add_table(1, 1, inch, inch, inch, inch).table
    table.cell(0, 0).text = at("cell")
    group = second.shapes.add_group_shape()
    group.shapes.add_textbox(inch, inch, inch, inch).text_frame.text = at("grouped")
    group._element.nvGrpSpPr.cNvPr.set("descr", at("group-alt"))
    hidden = second.shapes.add_textbox(inch, inch, inch, inch)
    hidden.text_frame.text = at("hidden-shape")
    hidden._element.nvSpPr.cNvPr.set("hidden", "1")
    hidden._element.nvSpPr.cNvPr.set("descr", at("alt"))
    hidden._element.nvSpPr.cNvPr.set("title", at("alt-title"))
    hidden.click_action.hyperlink.address = "mailto:" + at("shape-link")
    data = pptx.chart.data.CategoryChartData()
    data.categories = [at("chart-category")]
    data.add_series(at("chart-series"), (3,))
    chart = second.shapes.add_chart(pptx.enum.chart.XL_CHART_TYPE.PIE, inch, inch, inch, inch, data).chart
    chart.has_title = True
    chart.chart_title.text_frame.text = at("chart-title")
    made = package(show)
    at.write(made.bytes())


def parts():
    at = Planted("pptx-parts.pptx")
    show, _, empty = blank()
    show.slides.add_slide(empty)
    made = package(show)
    slide, master, layout = "ppt/slides/slide1.xml", "ppt/slideMasters/slideMaster1.xml", next(name for name in made.parts if "slideLayouts/slideLayout" in name and name.endswith("xml"))
    shape = lambda kind, value, more="": f'<p:sp><p:nvSpPr><p:cNvPr id="90" name="Box 89"{more}/><p:cNvSpPr/><p:nvPr>{kind}</p:nvPr></p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/><a:p><a:r><a:t>{value}</a:t></a:r></a:p></p:txBody></p:sp>'
    comments = f'{XML}<p:cmLst {NAMESPACES}><p:cm authorId="0" dt="2025-03-04T10:11:12" idx="1"><p:pos x="1" y="2"/><p:text>{at("comment")}</p:text></p:cm></p:cmLst>'
    made.add(slide, "comments", "ppt/comments/comment1.xml", comments, PRESENTATION + "comments+xml")
    authors = f'{XML}<p:cmAuthorLst {NAMESPACES}><p:cmAuthor id="0" name="{at("comment-author")}" initials="{at("comment-initials")}" lastIdx="1" clrIdx="0"/></p:cmAuthorLst>'
    made.add(MAIN, "commentAuthors", "ppt/commentAuthors.xml", authors, PRESENTATION + "commentAuthors+xml")
    modern = 'xmlns:p188="http://schemas.microsoft.com/office/powerpoint/2018/8/main"'
    thread = f'{XML}<p188:cmLst {modern} {NAMESPACES}><p188:cm id="{{1}}" authorId="{{2}}" title="{at("task-title")}"><p188:replyLst><p188:reply id="{{3}}" authorId="{{2}}"><p188:txBody><a:p><a:r><a:t>{at("reply")}</a:t></a:r></a:p></p188:txBody></p188:reply></p188:replyLst><p188:txBody><a:p><a:r><a:t>{at("modern-comment")}</a:t></a:r></a:p></p188:txBody></p188:cm></p188:cmLst>'
    made.add(slide, "http://schemas.microsoft.com/office/2018/10/relationships/comments", "ppt/comments/modernComment_1.xml", thread, "application/vnd.ms-powerpoint.comments+xml")
    people = f'{XML}<p188:authorLst {modern}><p188:author id="{{2}}" name="{at("modern-author")}" initials="x" userId="{at("modern-user")}" providerId="AD"/></p188:authorLst>'
    made.add(MAIN, "http://schemas.microsoft.com/office/2018/10/relationships/authors", "ppt/authors.xml", people, "application/vnd.ms-powerpoint.authors+xml")
    tags = f'{XML}<p:tagLst {NAMESPACES}><p:tag name="{at("tag-name")}" val="{at("tag")}"/></p:tagLst>'
    made.add(slide, "tags", "ppt/tags/tag1.xml", tags, PRESENTATION + "tags+xml")
    made.add(MAIN, "tags", "ppt/tags/tag2.xml", f'{XML}<p:tagLst {NAMESPACES}><p:tag name="x" val="{at("show-tag")}"/></p:tagLst>', PRESENTATION + "tags+xml")
    made.add(slide, "customXml", "customXml/item1.xml", f"{XML}<a><b>{at('custom-xml')}</b></a>")
    handout = f'{XML}<p:handoutMaster {NAMESPACES}><p:cSld><p:spTree>{shape("<p:ph type=" + chr(34) + "hdr" + chr(34) + "/>", at("handout-header"))}</p:spTree></p:cSld></p:handoutMaster>'
    made.add(MAIN, "handoutMaster", "ppt/handoutMasters/handoutMaster1.xml", handout, PRESENTATION + "handoutMaster+xml")
    made.edit(master, "</p:spTree>", shape('<p:ph type="ftr" idx="9"/>', at("master-footer")) + shape("", at("master-text"), f' descr="{at("master-alt")}"') + "</p:spTree>")
    made.edit(master, "<p:cSld", f'<p:cSld name="{at("master-name")}"')
    text = made.text(layout)
    made.parts[layout] = text.replace('<p:cSld name="', f'<p:cSld name="{at("layout-name")} ', 1).replace("</p:spTree>", shape("", at("layout-text")) + "</p:spTree>").encode()
    sound = made.add(slide, "audio", "ppt/media/audio1.wav", b"RIFF\x04\0\0\0WAVE")
    video = made.relate(slide, "video", "file:///home/" + at("video-path"))
    link = made.relate(slide, "hyperlink", "mailto:" + at("hover-link"))
    diagram = f'<dgm:dataModel xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram" {NAMESPACES}><dgm:ptLst><dgm:pt modelId="1"><dgm:prSet phldrT="{at("diagram-prompt")}"/><dgm:t><a:p><a:r><a:t>{at("diagram")}</a:t></a:r></a:p></dgm:t></dgm:pt></dgm:ptLst></dgm:dataModel>'
    made.add(slide, "diagramData", "ppt/diagrams/data1.xml", XML + diagram, "application/vnd.openxmlformats-officedocument.drawingml.diagramData+xml")
    vml = f'<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"><v:shape id="_x0000_s1" alt="{at("vml-alt")}"><v:imagedata o:title="{at("vml-title")}"/><v:textbox>{at("vml-text")}</v:textbox></v:shape></xml>'
    made.add(slide, "vmlDrawing", "ppt/drawings/vmlDrawing1.vml", vml, "application/vnd.openxmlformats-officedocument.vmlDrawing")
    made.edit(slide, "</p:spTree>", "".join([
        shape('<p:ph type="ftr"/>', at("slide-footer")), shape('<p:ph type="dt"/>', at("slide-date")),
        f'<p:sp><p:nvSpPr><p:cNvPr id="91" name="{at("named-shape")}"><a:hlinkHover r:id="{link}" tooltip="{at("hover-tooltip")}"><a:snd r:embed="{sound}" name="{at("sound-name")}"/></a:hlinkHover></p:cNvPr><p:cNvSpPr/><p:nvPr><p:custDataLst/></p:nvPr></p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/><a:p><a:fld id="{{1}}" type="slidenum"><a:t>{at("field")}</a:t></a:fld></a:p></p:txBody></p:sp>',
        f'<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:Choice xmlns:v9="urn:v9" Requires="v9">{shape("", at("choice"))}</mc:Choice><mc:Fallback>{shape("", at("fallback"))}</mc:Fallback></mc:AlternateContent>',
        f'<p:pic><p:nvPicPr><p:cNvPr id="92" name="film" descr="{at("video-alt")}"/><p:cNvPicPr/><p:nvPr><a:videoFile r:link="{video}" contentType="{at("video-type")}"/></p:nvPr></p:nvPicPr><p:blipFill/><p:spPr/></p:pic>',
        f'<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="93" name="o"/><p:cNvGraphicFramePr/><p:nvPr/></p:nvGraphicFramePr><p:xfrm/><a:graphic><a:graphicData uri="u"><p:oleObj name="{at("object-name")}" progId="{at("object-program")}"><p:embed/></p:oleObj></a:graphicData></a:graphic></p:graphicFrame>',
        "</p:spTree>",
    ]))
    made.edit(slide, "</p:cSld>", f'<p:controls><p:control spid="1" name="{at("control-name")}"/></p:controls></p:cSld>')
    made.edit(slide, "</p:sld>", f'<p:transition><p:sndAc><p:stSnd><p:snd r:embed="{sound}" name="{at("transition-sound")}"/></p:stSnd></p:sndAc></p:transition><p:timing><p:tnLst><p:par><p:cTn id="1"><p:childTnLst><p:cmd type="call" cmd="{at("animation-command")}"/><p:set><p:to><p:strVal val="{at("animation-value")}"/></p:to></p:set></p:childTnLst></p:cTn></p:par></p:tnLst></p:timing></p:sld>')
    made.edit(MAIN, "</p:presentation>", f'<p:custShowLst><p:custShow name="{at("custom-show")}" id="0"><p:sldLst/></p:custShow></p:custShowLst><p:extLst><p:ext uri="x"><p14:sectionLst xmlns:p14="http://schemas.microsoft.com/office/powerpoint/2010/main"><p14:section name="{at("section")}" id="{{1}}"/></p14:sectionLst></p:ext></p:extLst></p:presentation>')
    properties = "ppt/presProps.xml"
    html = made.relate(properties, "htmlPubSaveAs", "file:///home/" + at("published-path"))
    made.parts[properties] = f'{XML}<p:presentationPr {NAMESPACES}><p:htmlPubPr title="{at("published-title")}" r:id="{html}"/></p:presentationPr>'.encode()
    made.relate("ppt/viewProps.xml", "slide", "file:///home/" + at("view-slide"))
    styles = f'{XML}<a:tblStyleLst xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" def="{{1}}"><a:tblStyle styleId="{{1}}" styleName="{at("table-style")}"/></a:tblStyleLst>'
    made.parts["ppt/tableStyles.xml"] = styles.encode()
    theme = next(name for name in made.parts if name.startswith("ppt/theme/theme"))
    text = made.text(theme)
    made.parts[theme] = text.replace('name="Office Theme"', f'name="{at("theme-name")}"', 1).encode()
    at.write(made.bytes())


def make():
    slides()
    parts()

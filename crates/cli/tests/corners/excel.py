"""Workbooks: openpyxl, XlsxWriter and xlwt make them, with parts by hand where no library writes them."""

import datetime
import io

import openpyxl
import openpyxl.chart
import xlsxwriter
import xlwt
from openpyxl.comments import Comment
from openpyxl.formatting.rule import FormulaRule, Rule
from openpyxl.packaging.custom import LinkProperty, StringProperty
from openpyxl.styles import NamedStyle
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.scenario import InputCells, Scenario, ScenarioList
from openpyxl.worksheet.table import Table

from planting import Package, Planted
from word import XML

DAY = datetime.datetime(2025, 3, 4, 10, 11, 12)
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml."
MICROSOFT = "http://schemas.microsoft.com/office/"


def saved(book):
    out = io.BytesIO()
    book.save(out)
    made = Package(out.getvalue())
    made.drop("xl/theme/theme1.xml")
    return made


def by_openpyxl():
    at = Planted("xlsx-cells.xlsx")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = at("sheet")[:31]
    sheet.append(["name", at("column"), "mail"])
    sheet.append([at("cell"), f'=LOWER("{at("formula")}")', f'="{at("formula-text")}"'])
    sheet["C3"] = openpyxl.cell.rich_text.CellRichText(at("rich")[:7], openpyxl.cell.rich_text.TextBlock(openpyxl.cell.text.InlineFont(b=True), at("rich")[7:]))
    sheet["C2"].hyperlink = Hyperlink(ref="C2", target="mailto:" + at("link"), tooltip=at("link-tooltip"), display=at("link-display"), location=at("link-location"))
    sheet["A4"].comment = Comment(at("comment"), at("comment-author"))
    for page in ["odd", "even", "first"]:
        for part in ["left", "center", "right"]:
            getattr(getattr(sheet, page + "Header"), part).text = at(f"{page}-header-{part}")
            getattr(getattr(sheet, page + "Footer"), part).text = at(f"{page}-footer-{part}")
    sheet["A6"], sheet["F1"], sheet["F2"] = at("hidden-row"), at("hidden-column"), 1
    sheet.row_dimensions[6].hidden = sheet.column_dimensions["F"].hidden = True
    choice = DataValidation(type="list", formula1=f'"{at("choice")},x"', prompt=at("prompt"), promptTitle=at("prompt-title"), error=at("error"), errorTitle=at("error-title"))
    choice.add("A2")
    sheet.add_data_validation(choice)
    table = Table(displayName="Members", ref="A1:C3", comment=at("table-comment"))
    sheet.add_table(table)
    book.defined_names["owner"] = DefinedName("owner", attr_text=f'"{at("defined-name")}"', comment=at("defined-name-comment"), description=at("defined-name-description"), help=at("defined-name-help"), statusBar=at("defined-name-status"), customMenu=at("defined-name-menu"))
    for number, state in enumerate(["hidden", "veryHidden"]):
        other = book.create_sheet(f"s{number}")
        other["C5"] = at(state)
        other.sheet_state = state
    sheet.conditional_formatting.add("A1:A9", FormulaRule(formula=[f'A1="{at("condition-formula")}"']))
    sheet.conditional_formatting.add("A1:A9", Rule(type="containsText", operator="containsText", text=at("condition-text"), formula=['TRUE']))
    sheet.auto_filter.ref = "A1:C3"
    sheet.auto_filter.add_filter_column(0, [at("filter")])
    sheet.scenarios = ScenarioList(scenario=[Scenario(name=at("scenario"), inputCells=[InputCells(r="A2", val=at("scenario-value"))], comment=at("scenario-comment"), user=at("scenario-user"))])
    chart = openpyxl.chart.BarChart()
    chart.title = at("chart-title")
    chart.y_axis.title = at("chart-axis")
    chart.add_data(openpyxl.chart.Reference(other, min_col=3, min_row=1, max_row=5))
    sheet.add_chart(chart, "H2")
    style = NamedStyle(name=at("style-name"), number_format=f'"{at("number-format")}"0')
    sheet["D9"], sheet["D9"].style = 7, style
    for name in ["creator", "title", "subject", "description", "keywords", "category", "contentStatus", "lastModifiedBy", "identifier"]:
        setattr(book.properties, name, at("property-" + name.lower()))
    book.properties.created = book.properties.modified = DAY
    book.custom_doc_props.append(StringProperty(name="client", value=at("custom")))
    book.custom_doc_props.append(LinkProperty(name="linked", value=at("custom-link")))
    at.write(saved(book).bytes())


def by_xlsxwriter():
    at = Planted("xlsx-drawn.xlsx")
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"author": at("author"), "manager": at("manager"), "company": at("company"), "hyperlink_base": at("link-base"), "comments": at("comments"), "created": DAY})
    book.set_custom_property("client", at("custom"))
    sheet = book.add_worksheet("one")
    sheet.write_string("A1", at("shared-string"))
    sheet.insert_textbox("B2", at("box"), {"description": at("box-alt"), "url": "mailto:" + at("box-link"), "tip": at("box-tooltip")})
    sheet.write_comment("A1", at("note"), {"author": at("note-author"), "visible": True})
    sheet.insert_button("C9", {"macro": "say", "caption": at("button"), "description": at("button-alt")})
    sheet.write_url("A3", "mailto:" + at("url"), None, at("url-text"), at("url-tooltip"))
    sheet.write_array_formula("A5:A5", f'{{="{at("array-formula")}"}}', None, at("array-result"))
    sheet.write_rich_string("A6", "x ", book.add_format({"bold": True}), at("rich"))
    chart = book.add_chart({"type": "pie"})
    chart.add_series({
        "name": at("series"), "values": "=one!$B$1:$B$1", "categories": "=one!$A$1:$A$1",
        "data_labels": {"custom": [{"value": at("label")}], "value": True},
    })
    chart.set_title({"name": at("title")})
    sheet.insert_chart("E5", chart, {"description": at("chart-alt"), "decorative": False})
    alone = book.add_chart({"type": "line"})
    alone.add_series({"values": "=one!$B$1:$B$1", "name": "x", "trendline": {"type": "linear", "name": at("trend")}})
    alone.set_x_axis({"name": at("chartsheet-axis")})
    page = book.add_chartsheet("two")
    page.set_chart(alone)
    page.set_header("&C" + at("chartsheet-header"))
    sheet.ignore_errors({"number_stored_as_text": "A1"})
    sheet.unprotect_range("A1:A2", "range")
    book.close()
    made = Package(out.getvalue())
    made.drop("xl/theme/theme1.xml")
    at.write(made.bytes())


def parts():
    at = Planted("xlsx-parts.xlsx")
    book = openpyxl.Workbook()
    book.active.title = "one"
    book.active["A1"] = "x"
    book.properties.created = book.properties.modified = DAY
    made = saved(book)
    workbook, sheet = "xl/workbook.xml", "xl/worksheets/sheet1.xml"
    root = lambda name, content, more="": f'{XML}<{name} xmlns="{MAIN}" xmlns:r="{RELATIONS}"{more}>{content}</{name}>'
    add = lambda source, kind, name, content, media: made.add(source, kind, "xl/" + name, content, SPREADSHEET + media + "+xml")
    cache = add(workbook, "pivotCacheDefinition", "pivotCache/pivotCacheDefinition1.xml", root("pivotCacheDefinition",
        f'<cacheSource type="worksheet"><worksheetSource ref="A1:B2" sheet="{at("pivot-sheet")}" name="{at("pivot-source")}"/></cacheSource><cacheFields count="1"><cacheField name="{at("pivot-field")}" caption="{at("pivot-field-caption")}" formula="&quot;{at("pivot-field-formula")}&quot;">'
        f'<sharedItems count="2"><s v="{at("pivot-item")}" c="{at("pivot-item-caption")}"/><n v="7"/></sharedItems><fieldGroup><groupItems count="1"><s v="{at("pivot-group")}"/></groupItems></fieldGroup></cacheField></cacheFields>'
        f'<calculatedItems count="1"><calculatedItem formula="&quot;{at("pivot-calculated")}&quot;"/></calculatedItems><cacheHierarchies count="1"><cacheHierarchy uniqueName="{at("pivot-hierarchy")}" caption="{at("pivot-hierarchy-caption")}"/></cacheHierarchies>',
        f' refreshedBy="{at("pivot-refreshed-by")}"'), "pivotCacheDefinition")
    add("xl/pivotCache/pivotCacheDefinition1.xml", "pivotCacheRecords", "pivotCache/pivotCacheRecords1.xml", root("pivotCacheRecords", f'<r><s v="{at("pivot-record")}"/></r>', ' count="1"'), "pivotCacheRecords")
    add(sheet, "pivotTable", "pivotTables/pivotTable1.xml", root("pivotTableDefinition",
        f'<location ref="A3"/><pivotFields count="1"><pivotField name="{at("pivot-table-field")}" subtotalCaption="{at("pivot-subtotal")}"><items count="1"><item n="{at("pivot-renamed-item")}" x="0"/></items></pivotField></pivotFields><dataFields count="1"><dataField name="{at("pivot-data")}" fld="0"/></dataFields>'
        f'<filters count="1"><filter fld="0" type="captionEqual" id="1" name="{at("pivot-filter-name")}" description="{at("pivot-filter-description")}" stringValue1="{at("pivot-filter")}"/></filters>',
        f' name="{at("pivot-name")}" cacheId="1" grandTotalCaption="{at("pivot-total")}" rowHeaderCaption="{at("pivot-row-caption")}" colHeaderCaption="{at("pivot-column-caption")}" dataCaption="{at("pivot-data-caption")}" missingCaption="{at("pivot-missing")}" errorCaption="{at("pivot-error")}" tag="{at("pivot-tag")}"'), "pivotTable")
    add(workbook, "connections", "connections.xml", root("connections",
        f'<connection id="1" name="{at("connection")}" description="{at("connection-description")}" sourceFile="{at("connection-file")}" odcFile="{at("connection-odc")}"><dbPr connection="User={at("connection-string")}" command="SELECT \'{at("connection-command")}\'" serverCommand="{at("connection-server")}"/></connection>'
        f'<connection id="2" name="w" type="4"><webPr url="https://example.org/?u={at("web-query")}" post="{at("web-post")}" editPage="{at("web-edit")}"><tables count="1"><s v="{at("web-table")}"/></tables></webPr></connection>'
        f'<connection id="3" name="t" type="6"><textPr sourceFile="/home/{at("text-source")}"><textFields><textField/></textFields></textPr><parameters count="1"><parameter name="{at("query-parameter")}" prompt="{at("query-prompt")}" string="{at("query-value")}"/></parameters></connection>'
        f'<connection id="4" name="o" type="5"><olapPr localConnection="{at("olap")}"/></connection>'), "connections")
    add(sheet, "queryTable", "queryTables/queryTable1.xml", root("queryTable", f'<queryTableRefresh><queryTableFields count="1"><queryTableField id="1" name="{at("query-field")}"/></queryTableFields><queryTableDeletedFields count="1"><deletedField name="{at("query-deleted")}"/></queryTableDeletedFields></queryTableRefresh>', f' name="{at("query-table")}"'), "queryTable")
    link = add(workbook, "externalLink", "externalLinks/externalLink1.xml", root("externalLink",
        f'<externalBook r:id="rPlanted1"><sheetNames><sheetName val="{at("external-sheet")}"/></sheetNames><definedNames><definedName name="n" refersTo="=&quot;{at("external-name")}&quot;"/></definedNames><sheetDataSet><sheetData sheetId="0"><row r="1"><cell r="A1" t="str"><v>{at("external-cell")}</v></cell></row></sheetData></sheetDataSet></externalBook>'), "externalLink")
    made.relate("xl/externalLinks/externalLink1.xml", "externalLinkPath", "file:///home/" + at("external-path"))
    dde = add(workbook, "externalLink", "externalLinks/externalLink2.xml", root("externalLink", f'<ddeLink ddeService="{at("dde-service")}" ddeTopic="{at("dde-topic")}"><ddeItems><ddeItem name="{at("dde-item")}"><values><value t="str"><val>{at("dde-value")}</val></value></values></ddeItem></ddeItems></ddeLink>'), "externalLink")
    persons = f'{XML}<personList xmlns="{MICROSOFT}spreadsheetml/2018/threadedcomments"><person displayName="{at("person")}" id="{{1}}" userId="{at("person-id")}" providerId="AD"/></personList>'
    made.add(workbook, MICROSOFT + "2017/10/relationships/person", "xl/persons/person.xml", persons, "application/vnd.ms-excel.person+xml")
    thread = f'{XML}<ThreadedComments xmlns="{MICROSOFT}spreadsheetml/2018/threadedcomments"><threadedComment ref="A1" dT="2025-03-04T10:11:12.00" personId="{{1}}" id="{{2}}"><text>{at("thread")}</text><mentions><mention mentionpersonId="{{1}}" mentionId="{{3}}" startIndex="0" length="1"/></mentions><extLst><ext uri="x"><hyperlink url="mailto:{at("thread-link")}"/></ext></extLst></threadedComment></ThreadedComments>'
    made.add(sheet, MICROSOFT + "2017/10/relationships/threadedComment", "xl/threadedComments/threadedComment1.xml", thread, "application/vnd.ms-excel.threadedcomments+xml")
    add(workbook, "revisionHeaders", "revisions/revisionHeaders.xml", root("headers", f'<header guid="{{1}}" dateTime="2025-03-04T10:11:12Z" maxSheetId="2" userName="{at("revision-user")}" r:id="rPlanted1"><sheetIdMap/></header>', ' guid="{1}"'), "revisionHeaders")
    add("xl/revisions/revisionHeaders.xml", "revisionLog", "revisions/revisionLog1.xml", root("revisions",
        f'<rcc rId="1" sId="1"><oc r="A1" t="inlineStr"><is><t>{at("revision-old")}</t></is></oc><nc r="A1" t="inlineStr"><is><t>{at("revision-new")}</t></is></nc></rcc><rsnm rId="2" sheetId="1" oldName="{at("revision-old-sheet")}" newName="[{at("revision-new-sheet")}]"/><rcmt sheetId="1" cell="A1" guid="{{2}}" author="{at("revision-comment-author")}"/><rdn rId="3" name="n"><formula>"{at("revision-name")}"</formula><oldFormula>"{at("revision-old-name")}"</oldFormula></rdn>'), "revisionLog")
    add(workbook, "usernames", "revisions/userNames.xml", root("users", f'<userInfo guid="{{1}}" name="{at("shared-user")}" id="-1" dateTime="2025-03-04T10:11:12Z"/>'), "userNames")
    slicer = f'{XML}<slicers xmlns="{MICROSOFT}spreadsheetml/2009/9/main"><slicer name="{at("slicer")}" cache="c" caption="{at("slicer-caption")}"/></slicers>'
    made.add(sheet, MICROSOFT + "2007/relationships/slicer", "xl/slicers/slicer1.xml", slicer, "application/vnd.ms-excel.slicer+xml")
    slices = f'{XML}<slicerCacheDefinition xmlns="{MICROSOFT}spreadsheetml/2009/9/main" name="c" sourceName="{at("slicer-source")}"><data><olap><levels><level uniqueName="{at("slicer-level")}" sourceCaption="{at("slicer-level-caption")}"><ranges><range startItem="0"><i n="{at("slicer-item")}" c="{at("slicer-item-caption")}"/></range></ranges></level></levels></olap></data></slicerCacheDefinition>'
    made.add(workbook, MICROSOFT + "2007/relationships/slicerCache", "xl/slicerCaches/slicerCache1.xml", slices, "application/vnd.ms-excel.slicerCache+xml")
    timeline = f'{XML}<timelines xmlns="{MICROSOFT}spreadsheetml/2010/11/main"><timeline name="{at("timeline")}" cache="t" caption="{at("timeline-caption")}"/></timelines>'
    made.add(sheet, MICROSOFT + "2011/relationships/timeline", "xl/timelines/timeline1.xml", timeline, "application/vnd.ms-excel.timeline+xml")
    add(workbook, "xmlMaps", "xmlMaps.xml", root("MapInfo", f'<Schema ID="s"><xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema"><xsd:annotation><xsd:documentation>{at("map-schema")}</xsd:documentation></xsd:annotation></xsd:schema></Schema><Map ID="1" Name="{at("map")}" RootElement="r" SchemaID="s"><DataBinding FileBindingName="{at("map-binding")}"/></Map>'), "xmlMaps")
    add(sheet, "tableSingleCells", "tables/tableSingleCells1.xml", root("singleXmlCells", f'<singleXmlCell id="1" r="A1"><xmlCellPr id="1" uniqueName="{at("map-cell")}"><xmlPr mapId="1" xpath="/r[@a=\'{at("map-path")}\']" xmlDataType="string"/></xmlCellPr></singleXmlCell>'), "tableSingleCells")
    add(workbook, "sheetMetadata", "metadata.xml", root("metadata", f'<metadataStrings count="1"><s v="{at("metadata-string")}"/></metadataStrings>'), "sheetMetadata")
    rich = f'{XML}<rvData xmlns="{MICROSOFT}spreadsheetml/2017/richdata" count="1"><rv s="0"><v>{at("rich-value")}</v></rv></rvData>'
    made.add(workbook, MICROSOFT + "2017/06/relationships/rdRichValue", "xl/richData/rdrichvalue.xml", rich, "application/vnd.ms-excel.rdrichvalue+xml")
    add(workbook, "volatileDependencies", "volatileDependencies.xml", root("volTypes", f'<volType type="realTimeData"><main first="{at("volatile-server")}"><tp t="s"><v>{at("volatile")}</v><stp>{at("volatile-topic")}</stp><tr r="A1" s="1"/></tp></main></volType>'), "volatileDependencies")
    control = f'{XML}<formControlPr xmlns="{MICROSOFT}spreadsheetml/2009/9/main" objectType="List" fmlaMacro="{at("control-macro")}" fmlaLink="$A$1"><itemLst><item val="{at("control-item")}"/></itemLst></formControlPr>'
    made.add(sheet, "ctrlProp", "xl/ctrlProps/ctrlProp1.xml", control, "application/vnd.ms-excel.controlproperties+xml")
    made.add(sheet, "customProperty", "xl/customProperty1.bin", at("custom-property-utf16").encode("utf-16le"), SPREADSHEET + "customProperty")
    unused = f'<si><t>{at("unused-string")}</t></si><si><r><t>x</t></r><rPh sb="0" eb="1"><t>{at("phonetic")}</t></rPh></si>'
    add(workbook, "sharedStrings", "sharedStrings.xml", root("sst", unused), "sharedStrings")
    made.edit(workbook, "<workbookPr", f'<fileSharing userName="{at("reserved-by")}"/><workbookPr codeName="{at("workbook-code-name")}"')
    made.edit(workbook, "</workbook>", f'<pivotCaches><pivotCache cacheId="1" r:id="{cache}"/></pivotCaches><externalReferences><externalReference r:id="{link}"/><externalReference r:id="{dde}"/></externalReferences>'
        f'<customWorkbookViews><customWorkbookView name="{at("view")}" guid="{{1}}"/></customWorkbookViews><webPublishObjects count="1"><webPublishObject id="1" divId="d" destinationFile="{at("web-publish")}" title="{at("web-publish-title")}"/></webPublishObjects>'
        f'<functionGroups><functionGroup name="{at("function-group")}"/></functionGroups><smartTagTypes><smartTagType namespaceUri="urn:x" name="{at("smart-tag-type")}" url="{at("smart-tag-url")}"/></smartTagTypes>'
        f'<extLst><ext uri="x"><x15ac:absPath xmlns:x15ac="{MICROSOFT}spreadsheetml/2010/11/ac" url="/home/{at("absolute-path")}/"/></ext></extLst></workbook>')
    if 'xmlns:r=' not in made.text(workbook).split("<workbookPr")[0]:
        made.edit(workbook, "<workbook ", f'<workbook xmlns:r="{RELATIONS}" ')
    made.edit(sheet, "</sheetData>", f'<row r="5"><c r="A5" t="inlineStr"><is><t>{at("inline")}</t></is></c><c r="B5" t="str"><f t="shared" ref="B5" si="0">"{at("shared-formula")}"</f><v>{at("formula-result")}</v></c></row></sheetData><sheetProtection/>'
        f'<protectedRanges><protectedRange name="{at("protected-range")}" sqref="A1" securityDescriptor="{at("protected-user")}"/></protectedRanges><dataConsolidate><dataRefs count="1"><dataRef ref="A1" sheet="{at("consolidated-sheet")}" name="{at("consolidated")}"/></dataRefs></dataConsolidate>'
        f'<customSheetViews><customSheetView guid="{{1}}"><headerFooter><oddHeader>{at("view-header")}</oddHeader></headerFooter><autoFilter ref="A1"><filterColumn colId="0"><customFilters><customFilter val="{at("custom-filter")}"/></customFilters></filterColumn></autoFilter></customSheetView></customSheetViews>')
    made.edit(sheet, "</worksheet>", f'<smartTags><cellSmartTags r="A1"><cellSmartTag type="0"><cellSmartTagPr key="{at("smart-tag-key")}" val="{at("smart-tag")}"/></cellSmartTag></cellSmartTags></smartTags><webPublishItems count="1"><webPublishItem id="1" divId="d" sourceType="sheet" destinationFile="{at("published-sheet")}" title="{at("published-title")}"/></webPublishItems>'
        f'<extLst><ext uri="x"><x14:dataValidations xmlns:x14="{MICROSOFT}spreadsheetml/2009/9/main" xmlns:xm="{MICROSOFT}excel/2006/main"><x14:dataValidation type="list" promptTitle="{at("new-prompt-title")}" prompt="{at("new-prompt")}"><x14:formula1><xm:f>"{at("new-choice")}"</xm:f></x14:formula1><xm:sqref>A1</xm:sqref></x14:dataValidation></x14:dataValidations></ext>'
        f'<ext uri="y"><x14:conditionalFormattings xmlns:x14="{MICROSOFT}spreadsheetml/2009/9/main" xmlns:xm="{MICROSOFT}excel/2006/main"><x14:conditionalFormatting><x14:cfRule type="containsText" text="{at("new-condition")}"><xm:f>"{at("new-condition-formula")}"</xm:f></x14:cfRule></x14:conditionalFormatting></x14:conditionalFormattings></ext></extLst></worksheet>')
    at.write(made.bytes())


def by_xlwt():
    at = Planted("xls-cells.xls")
    book = xlwt.Workbook()
    book.owner = at("owner")
    sheet = book.add_sheet(at("sheet")[:31])
    sheet.write(0, 0, "name")
    sheet.write(0, 1, at("column"))
    sheet.write(1, 0, at("cell"))
    sheet.write(1, 1, xlwt.Formula(f'"{at("formula")}"'))
    sheet.write(1, 2, xlwt.Formula(f'HYPERLINK("mailto:{at("link-formula")}";"{at("link-text")}")'))
    font = xlwt.easyfont("bold true")
    sheet.write_rich_text(2, 0, (at("rich")[:5], (at("rich")[5:], font)))
    sheet.header_str, sheet.footer_str = at("header").encode(), at("footer").encode()
    sheet.write(3, 0, at("hidden-row"))
    sheet.row(3).hidden = True
    sheet.write(4, 4, at("hidden-column"))
    sheet.col(4).hidden = True
    sheet.write(5, 0, 7, xlwt.easyxf(num_format_str=f'"{at("number-format")}"0'))
    sheet.write(6, 0, "ä " + at("wide-cell") + " Ж")
    hidden = book.add_sheet("s2")
    hidden.write(0, 0, at("hidden"))
    hidden.visibility = 2
    out = io.BytesIO()
    book.save(out)
    at.write(out.getvalue())


def make():
    by_openpyxl()
    by_xlsxwriter()
    parts()
    by_xlwt()

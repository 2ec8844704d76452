"""Texts, pages, and what pandoc makes of them."""

import io
import subprocess
import zipfile

from planting import Planted


def plain():
    for stem, charset in [("text-utf8.txt", "utf-8"), ("text-utf16.txt", "utf-16"), ("text-latin.txt", "latin-1"), ("text-cyrillic.txt", "cp1251")]:
        at = Planted(stem)
        words = {"cp1251": "Здравствуйте, дорогие друзья! Сегодня мы получили ваше письмо и очень рады. Пожалуйста, напишите нам ещё раз по адресу"}.get(charset, "Grüße aus der Straße, schreib an")
        at.write(f"{words} {at('line')}\n\n<{at('brackets')}>; \"{at('quotes')}\",mailto:{at('mailto')}\n{at('last-line')}".encode(charset))
    at = Planted("text-program.py")
    at.write(f'"""{at("documentation")}"""\nWHO = "{at("string")}"  # {at("comment")}\nprint(f"<{at("format")}>", r\'{at("raw")}\')\n')
    at = Planted("text-server.log")
    at.write(f'192.0.2.1 - {at("user")} [04/Mar/2025:10:11:12 +0000] "GET /?u={at("query").replace("@", "%40")} HTTP/1.1" 200 "{at("agent")}"\nuser={at("pair")} {{"mail":"{at("json")}"}}\n')
    at = Planted("text-settings.ini")
    at.write(f"; {at('comment')}\n[{at('section')}]\nmail = {at('value')}\n")
    at = Planted("text-settings.toml")
    at.write(f"# {at('comment')}\nmail = '{at('value')}'\n\"{at('key')}\" = [\"{at('item')}\"]\n")
    at = Planted("text-card.vcf")
    at.write(f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{at('name')}\r\nEMAIL;TYPE=work:{at('mail')}\r\nNOTE:x\\n {at('note')}\r\nEND:VCARD\r\n")
    at = Planted("text-event.ics")
    at.write(f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nATTENDEE;CN={at('name')}:mailto:{at('attendee')}\r\nDESCRIPTION:x\\, {at('description')}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
    at = Planted("text-dump.sql")
    at.write(f"-- {at('comment')}\nINSERT INTO people VALUES (1, '{at('value')}', 'it''s {at('quoted')}');\n")


def pages():
    at = Planted("page-front.md")
    at.write(
        f"---\ntitle: {at('title')}\nauthor: [{at('author')}]  # {at('matter-comment')}\nabstract: |\n  x\n  {at('abstract')}\n---\n\n# {at('heading')} {{#id data-x=\"{at('heading-attribute')}\"}}\n\n"
        f"{at('text')} [x](mailto:{at('link')} \"{at('link-title')}\") ![{at('alt')}](x.png) <{at('autolink')}> [y][r] ~~{at('struck')}~~ `{at('code')}`\n\n"
        f"[r]: mailto:{at('reference')} '{at('reference-title')}'\n<!-- {at('comment')} -->\n\n```{{.x data-y=\"{at('fence')}\"}}\n{at('block')}\n```\n\n| a |\n|---|\n| {at('cell')} |\n\n- [ ] {at('task')}\n\n<p title=\"{at('html-attribute')}\">x</p>\n\n[^1]: {at('footnote')}\n"
    )
    at = Planted("page-full.html")
    at.write(
        f'<!DOCTYPE html><html lang="en"><head><title>{at("title")}</title><meta name="author" content="{at("meta")}"><base href="https://example.org/?u={at("base")}"><link rel="author" href="mailto:{at("head-link")}">'
        f'<script>var a = "{at("script")}";</script><script type="application/ld+json">{{"mail": "{at("ld-json")}"}}</script><style>/* {at("style")} */ p::after {{content: "{at("style-content")}"}}</style><noscript>{at("noscript")}</noscript></head>'
        f'<body onload="say(\'{at("handler")}\')"><!-- {at("comment")} --><!--[if IE]><p>{at("conditional")}</p><![endif]--><h1>{at("heading")}</h1><p data-mail="{at("data-attribute")}" style="display:none">{at("hidden")}</p>'
        f'<a href="mailto:{at("link")}?cc={at("link-copy")}" title="{at("link-title")}">x</a><img src="x" alt="{at("alt")}" srcset="https://example.org/{at("source-set")} 2x"><input value="{at("input")}" placeholder="{at("placeholder")}"><textarea>{at("text-area")}</textarea>'
        f'<select><option value="{at("option-value")}">{at("option")}</option></select><template><p>{at("template")}</p></template><iframe srcdoc="&lt;p&gt;{at("frame")}&lt;/p&gt;"></iframe><svg><text>{at("svg")}</text></svg><details><summary>{at("summary")}</summary></details>'
        f'<p>{at("entity").replace("@", "&#64;")} {at("split")[:6]}<b>{at("split")[6:]}</b></p><ruby>x <rt>{at("ruby")}</rt></ruby><table><caption>{at("caption")}</caption><tr><td>{at("cell")}</td></tr></table><object data="data:text/plain,{at("data-url")}"></object></body></html>\n'
    )
    at = Planted("page-book.epub")
    source = (
        f"---\ntitle: {at('title')}\nauthor: {at('author')}\nrights: {at('rights')}\ndescription: {at('description')}\npublisher: {at('publisher')}\nsubject: {at('subject')}\n---\n\n"
        f"# {at('chapter')}\n\n{at('text')} [x](mailto:{at('link')} \"{at('link-title')}\")[^1]\n\n[^1]: {at('note')}\n\n<!-- {at('comment')} -->\n"
    )
    environment = {"SOURCE_DATE_EPOCH": "1741000000", "PATH": "/usr/bin:/bin"}
    for at, kind, more in [(at, "epub", []), (Planted("page-letter.rtf"), "rtf", ["-s"]), (Planted("page-flat.fodt"), "opendocument", ["-s"])]:
        words = source.replace("page-book-", at.stem + "-")
        at.values[:] = sorted({value.replace("page-book-", at.stem + "-") for value in Planted("page-book.epub").values})
        subprocess.run(["pandoc", "-f", "markdown", "-t", kind, *more, "-o", at.path], input=words, text=True, check=True, env=environment)
        content = at.path.read_bytes()
        if kind != "epub":
            # What that format has no place for is not planted in it.
            at.values[:] = [value for value in at.values if value.encode() in content]
        else:
            archive = zipfile.ZipFile(io.BytesIO(content))
            whole = b"".join(archive.read(name) for name in archive.namelist())
            at.values[:] = [value for value in at.values if value.encode() in whole]


def rich():
    at = Planted("rtf-parts.rtf")
    split = at("split")
    code = lambda value: "".join(f"\\'{ord(c):02x}" for c in value)
    at.write(
        "{\\rtf1\\ansi\\deff0{\\fonttbl{\\f0 Arial;}}{\\stylesheet{\\s1 %s;}}{\\info{\\title %s}{\\author %s}{\\operator %s}{\\company %s}{\\manager %s}{\\*\\userprops{\\propname client}\\proptype30{\\staticval %s}}}" % tuple(at(c) for c in ["style", "title", "author", "operator", "company", "manager", "property"])
        + "{\\*\\revtbl{Unknown;}{%s;}}" % at("revision-author")
        + "{\\*\\docvar {v}{%s}}{\\*\\template %s}" % (at("variable"), at("template"))
        + "{\\header %s}{\\footer %s}" % (at("header"), at("footer"))
        + "%s\\par {\\b %s}%s\\par {\\v %s}\\par {\\deleted\\revauthdel1 %s}\\par {\\revised\\revauth1 %s}\\par %s\\par " % (at("text"), split[:6], split[6:], at("hidden"), at("deleted"), at("inserted"), code(at("hexadecimal")))
        + "{\\footnote %s}{\\*\\annotation{\\*\\atnid x}{\\*\\atnauthor %s}%s}{\\*\\atnauthor %s}\\par " % (at("footnote"), at("note-author-inside"), at("note"), at("note-author"))
        + '{\\field{\\*\\fldinst HYPERLINK "mailto:%s"}{\\fldrslt %s}}\\par {\\*\\bkmkstart %s}{\\*\\bkmkend x}' % (at("link"), at("link-text"), at("bookmark"))
        + "{\\shp{\\*\\shpinst{\\sp{\\sn wzDescription}{\\sv %s}}{\\sp{\\sn gtextUNICODE}{\\sv %s}}{\\shptxt %s}}}" % (at("shape-alt"), at("watermark"), at("shape-text"))
        + "{\\trowd\\cellx900 %s\\cell\\row}{\\xe %s}{\\*\\formfield{\\*\\ffname %s}{\\*\\ffdeftext %s}}}" % (at("cell"), at("index"), at("form-name"), at("form-default"))
    )


def make():
    plain()
    pages()
    rich()

//! PDF: plain lines of text in Helvetica, a page per part of the template.

use anyhow::{Context, Result, ensure};
use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str, TextStr};

use super::{Place, Sample, template};

/// A line that ends a page.
const PAGE_BREAK: &str = "\n---\n";
/// A4 in points.
const PAPER: Rect = Rect { x1: 0.0, y1: 0.0, x2: 595.0, y2: 842.0 };
const MARGIN: f32 = 56.0;
const SIZE: f32 = 11.0;
const LEADING: f32 = 15.0;
/// What fits between the margins.
const MOST_LINES: usize = 48;
const MOST_COLUMNS: usize = 90;
const FONT: Name = Name(b"F1");

const CATALOG: Ref = Ref::new(1);
const TREE: Ref = Ref::new(2);
const HELVETICA: Ref = Ref::new(3);
const INFO: Ref = Ref::new(4);
/// The first page; each takes two numbers, itself and its content.
const FIRST_PAGE: i32 = 5;

pub(super) fn print(template: &str) -> Result<Sample> {
    let mut expected = Vec::new();
    let mut pages = Vec::new();
    for (page, template) in (1..).zip(template.split(PAGE_BREAK)) {
        let (text, planted) = template::fill(template)?;
        pages.push(content(&text).with_context(|| format!("on page {page}"))?);
        expected.extend(planted.into_iter().map(|planted| planted.expected(Place::Page { page })));
    }
    Ok(Sample { bytes: assemble(&pages), expected })
}

fn assemble(pages: &[Vec<u8>]) -> Vec<u8> {
    let references = (0i32..).map(|page| Ref::new(FIRST_PAGE + 2 * page)).take(pages.len());
    let mut pdf = Pdf::new();
    pdf.catalog(CATALOG).pages(TREE);
    pdf.pages(TREE).kids(references.clone()).count(i32::try_from(pages.len()).unwrap_or(i32::MAX));
    pdf.type1_font(HELVETICA).base_font(Name(b"Helvetica")).encoding_predefined(Name(b"WinAnsiEncoding"));
    pdf.document_info(INFO).producer(TextStr("Tacita samples"));
    for (reference, content) in references.zip(pages) {
        let content_reference = Ref::new(reference.get() + 1);
        let mut page = pdf.page(reference);
        page.media_box(PAPER).parent(TREE).contents(content_reference);
        page.resources().fonts().pair(FONT, HELVETICA);
        page.finish();
        pdf.stream(content_reference, content);
    }
    pdf.finish()
}

/// The drawing instructions of one page.
fn content(text: &str) -> Result<Vec<u8>> {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    ensure!(lines.len() <= MOST_LINES, "{} lines, {MOST_LINES} fit", lines.len());
    let mut content = Content::new();
    content
        .begin_text()
        .set_font(FONT, SIZE)
        .set_leading(LEADING)
        .next_line(MARGIN, PAPER.y2 - MARGIN - SIZE);
    for line in lines {
        ensure!(line.chars().count() <= MOST_COLUMNS, "`{line}` is longer than {MOST_COLUMNS} characters");
        content.show(Str(&latin1(line)?)).next_line_using_leading();
    }
    content.end_text();
    Ok(content.finish().into_vec())
}

/// Windows-1252 where it equals Latin-1, which is all that Western letters need.
fn latin1(line: &str) -> Result<Vec<u8>> {
    let byte = |c| match u32::from(c) {
        code @ (0x20..=0x7e | 0xa0..=0xff) => u8::try_from(code).ok(),
        _ => None,
    };
    line.chars().map(|c| byte(c).with_context(|| format!("`{c}` is not in the font's encoding"))).collect()
}

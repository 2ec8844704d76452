//! Charts of a report as inline SVG: they need no script and print as they look.

use std::fmt::Write;

use super::html::Text;

/// One bar: what it stands for, how much, and what else to say of it.
pub(super) struct Bar<'a> {
    pub(super) label: &'a str,
    pub(super) amount: usize,
    pub(super) note: String,
}

const ROW: usize = 30;
/// The coordinates are those of a small screen; the drawing grows with the page.
const WIDTH: usize = 360;

/// Bars from left to right, one under the other, the label above each.
pub(super) fn bars(title: &str, bars: &[Bar<'_>]) -> String {
    let most = bars.iter().map(|bar| bar.amount).max().unwrap_or(0).max(1);
    let mut svg = open(title, bars.len() * ROW);
    for (n, bar) in bars.iter().enumerate() {
        let top = n * ROW;
        // A bar that stands for something is never invisible.
        let length = (bar.amount * WIDTH).div_ceil(most).max(2);
        let _ = write!(
            svg,
            "<text x=\"0\" y=\"{}\">{}</text><text x=\"{WIDTH}\" y=\"{}\" class=\"amount\">{} {}</text>\
             <rect x=\"0\" y=\"{}\" width=\"{WIDTH}\" height=\"8\" rx=\"4\" class=\"track\"/>\
             <rect x=\"0\" y=\"{}\" width=\"{length}\" height=\"8\" rx=\"4\" class=\"bar\"/>",
            top + 12,
            Text(&shortened(bar.label)),
            top + 12,
            bar.amount,
            Text(&bar.note),
            top + 17,
            top + 17,
        );
    }
    svg.push_str("</svg>");
    svg
}

/// Ten columns, for scores from 0 to 1.
pub(super) fn columns(title: &str, amounts: &[usize; 10]) -> String {
    const HEIGHT: usize = 110;
    let most = amounts.iter().copied().max().unwrap_or(0).max(1);
    let mut svg = open(title, HEIGHT + 34);
    for (n, amount) in amounts.iter().enumerate() {
        let (left, height) = (n * 36, (amount * HEIGHT).div_ceil(most));
        let _ = write!(
            svg,
            "<rect x=\"{}\" y=\"{}\" width=\"28\" height=\"{height}\" rx=\"3\" class=\"bar\"/>\
             <text x=\"{}\" y=\"{}\" class=\"middle\">.{n}</text>",
            left + 4,
            14 + HEIGHT - height,
            left + 18,
            HEIGHT + 30,
        );
        if *amount > 0 {
            let _ = write!(
                svg,
                "<text x=\"{}\" y=\"{}\" class=\"middle\">{amount}</text>",
                left + 18,
                10 + HEIGHT - height
            );
        }
    }
    svg.push_str("</svg>");
    svg
}

fn open(title: &str, height: usize) -> String {
    format!("<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{}\">", Text(title))
}

/// The end of a path says more than its beginning.
fn shortened(label: &str) -> String {
    const LONGEST: usize = 40;
    let count = label.chars().count();
    if count <= LONGEST {
        return label.to_owned();
    }
    let tail: String = label.chars().skip(count - LONGEST + 1).collect();
    format!("…{tail}")
}

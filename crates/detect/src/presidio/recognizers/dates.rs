//! Dates in digits and with English month names.

use super::{Spec, composed};

const MONTH: &str = "(?:0?[1-9]|1[0-2])";
const DAY: &str = "(?:0?[1-9]|[12][0-9]|3[01])";
const YEAR: &str = r"(?:\d{4}|\d{2})";
const MONTH_NAME: &str = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)";

pub(super) const RECOGNIZERS: &[Spec] = &[Spec::new("DateRecognizer", "DATE_TIME")
    .any_language()
    .enabled()
    .patterns(&[
        composed("Datetime (yyyy-mm-ddThh:mm[:ss[.f]] with timezone)", 0.8, time_stamp),
        composed("mm/dd/yyyy or mm/dd/yy", 0.6, || alone(&format!("{MONTH}/{DAY}/{YEAR}"))),
        composed("dd/mm/yyyy or dd/mm/yy", 0.6, || alone(&format!("{DAY}/{MONTH}/{YEAR}"))),
        composed("yyyy/mm/dd", 0.6, || alone(&format!(r"\d{{4}}/{MONTH}/{DAY}"))),
        composed("mm-dd-yyyy", 0.6, || alone(&format!(r"{MONTH}-{DAY}-\d{{4}}"))),
        composed("dd-mm-yyyy", 0.6, || alone(&format!(r"{DAY}-{MONTH}-\d{{4}}"))),
        composed("yyyy-mm-dd", 0.6, || alone(&format!(r"\d{{4}}-{MONTH}-{DAY}"))),
        composed("dd.mm.yyyy or dd.mm.yy", 0.6, || alone(&format!(r"{DAY}\.{MONTH}\.{YEAR}"))),
        composed("dd-MMM-yyyy or dd-MMM-yy", 0.6, || alone(&format!("{DAY}-{MONTH_NAME}-{YEAR}"))),
        composed("MMM-yyyy or MMM-yy", 0.6, || alone(&format!("{MONTH_NAME}-{YEAR}"))),
        composed("dd-MMM or dd-MMM", 0.6, || alone(&format!("{DAY}-{MONTH_NAME}"))),
        composed("mm/yyyy or m/yyyy", 0.2, || alone(&format!(r"{MONTH}/\d{{4}}"))),
        composed("mm/yy or m/yy", 0.1, || alone(&format!(r"{MONTH}/\d{{2}}"))),
    ])
    .context(&["date", "birthday"])];

/// RFC 3339, seconds and their fraction optional, the offset not.
fn time_stamp() -> String {
    let date = r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])";
    let (hours, sixty) = (r"[0-2]\d", r"[0-5]\d");
    alone(&format!(r"{date}T{hours}:{sixty}(?::{sixty}(?:\.\d+)?)?(?:[+-]{hours}:{sixty}|Z)"))
}

fn alone(pattern: &str) -> String {
    format!(r"\b{pattern}\b")
}

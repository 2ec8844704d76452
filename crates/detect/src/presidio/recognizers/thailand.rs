//! Thailand.

use super::{Spec, digits, pattern};
use crate::checks::generic::weighted;

pub(super) const RECOGNIZERS: &[Spec] = &[Spec::new("ThTninRecognizer", "TH_TNIN")
    .country("th")
    .languages(&["th"])
    .patterns(&[pattern(
        "TNIN (Medium)",
        0.5,
        r"\b[1-9](?:[134][0-9]|2[0-7]|5[0-8]|[67][0-7]|[89][0-6])\d{10}\b",
    )])
    .context(&["Thai National ID", "Thai ID Number", "TNIN", "เลขประจำตัวประชาชน", "เลขบัตรประชาชน", "รหัสปชช"])
    .validate(th_tnin)];

/// Remainders 0 and 1 give the check digits 1 and 0.
fn th_tnin(value: &str) -> Option<bool> {
    let digits = digits::values(value);
    let remainder = weighted(&digits, &[13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    Some((11 - remainder) % 10 == u32::from(digits[12]))
}

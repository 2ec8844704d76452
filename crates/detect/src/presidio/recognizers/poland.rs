//! Poland.

use super::{Spec, digits, pattern};
use crate::checks::generic::weighted;

pub(super) const RECOGNIZERS: &[Spec] = &[Spec::new("PlPeselRecognizer", "PL_PESEL")
    .country("pl")
    .languages(&["pl"])
    .enabled()
    .patterns(&[pattern(
        "PESEL",
        0.4,
        r"[0-9]{2}(?:[02468][1-9]|[13579][0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{5}",
    )])
    .context(&["PESEL"])
    .validate(pl_pesel)];

fn pl_pesel(value: &str) -> Option<bool> {
    Some(weighted(&digits::values(value), &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]).is_multiple_of(10))
}

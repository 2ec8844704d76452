//! Phone numbers by numbering plan.

use std::{borrow::Cow, ops::Range};

use rlibphonenumber::{PhoneNumber, PhoneNumberType, Region};

use crate::phone::matcher;

/// Which of a region's numbers are meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    Any,
    Mobile,
    /// Every other line whose kind is known: fixed, toll-free, premium and so on.
    Telephone,
}

/// The numbers in `text` that any of `regions` could dial, each with the region that Presidio reports for it.
pub(super) fn find(
    text: &str,
    regions: &[&'static str],
    line: Line,
) -> Vec<(Range<usize>, Cow<'static, str>)> {
    let mut found = Vec::new();
    for region in regions {
        let mut reported = Cow::Borrowed(*region);
        for place in matcher::find(text, region) {
            let written = &text[place.clone()];
            if line == Line::Any {
                // An international number says where it belongs, and Presidio goes on to report that region for the
                // numbers after it.
                if let Ok(number) = PhoneNumber::parse(written, None) {
                    reported =
                        number.get_region_code().map_or(Cow::Borrowed("None"), |region| name(region).into());
                }
            } else if !is_line(written, region, line) {
                continue;
            }
            found.push((place, reported.clone()));
        }
    }
    found
}

/// Whether `written` is a number of `region` and of this kind.
fn is_line(written: &str, region: &str, line: Line) -> bool {
    let region = Region::from_code(region).ok();
    let Ok(number) = PhoneNumber::parse(written, region) else { return false };
    if number.get_region_code() != region {
        return false;
    }
    let kind = match number.get_type() {
        PhoneNumberType::Mobile | PhoneNumberType::FixedLineOrMobile => Line::Mobile,
        PhoneNumberType::VoiceMail | PhoneNumberType::Unknown => return false,
        _ => Line::Telephone,
    };
    kind == line
}

fn name(region: Region) -> String {
    region.to_string()
}

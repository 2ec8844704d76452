//! Names of people, places and organisations, by the tagger.

use super::{BEFORE, Evidence, Scan, numbers::NUMBERS};
use crate::names::{self, Kind, Scratch};

/// Takes the names that the tagger finds in the window. It looks a little beyond the core on both sides, so that a name
/// at the border has its surroundings.
pub(super) fn find(scan: &mut Scan<'_>, scratch: &mut Scratch) {
    let numbers = &*NUMBERS;
    let recognizer = |kind| match kind {
        Kind::Person => numbers.person,
        Kind::Location => numbers.location,
        Kind::Organization => numbers.organization_name,
        Kind::Group => numbers.group,
    };
    let wanted = [Kind::Person, Kind::Location, Kind::Organization, Kind::Group];
    if !wanted.iter().any(|kind| scan.wanted.enabled[usize::from(recognizer(*kind))]) {
        return;
    }
    let text = scan.text;
    let seen = &text[..text.len().min(scan.core.end + BEFORE)];
    // The first word may be cut.
    let from = match scan.core.start {
        0 => 0,
        start => seen[..start].iter().position(u8::is_ascii_whitespace).unwrap_or(0),
    };
    names::BUILT_IN.find(&seen[from..], scratch, |name| {
        scan.push(recognizer(name.kind), from + name.start..from + name.end, name.score, Evidence::Shape);
    });
}

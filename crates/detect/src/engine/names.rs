//! Names of people, places and organisations, by the tagger.

use super::{Evidence, Scan, numbers::NUMBERS, programs};
use crate::{
    EntityId,
    catalog::RECOGNIZERS,
    names::{self, Kind, Scratch},
};

/// Takes the names that the tagger finds in the window, but those of types in which another reader stands for it.
pub(super) fn find(scan: &mut Scan<'_>, scratch: &mut Scratch, tagged: &[EntityId]) {
    let numbers = &*NUMBERS;
    let recognizer = |kind| match kind {
        Kind::Person => numbers.person,
        Kind::Location => numbers.location,
        Kind::Organization => numbers.organization_name,
        Kind::Group => numbers.group,
    };
    let is_wanted = |recognizer: u16| {
        scan.wanted.enabled[usize::from(recognizer)]
            && !tagged.contains(&RECOGNIZERS[usize::from(recognizer)].id)
    };
    let wanted = [Kind::Person, Kind::Location, Kind::Organization, Kind::Group]
        .map(|kind| (kind, is_wanted(recognizer(kind))));
    if !wanted.iter().any(|(_, wanted)| *wanted) {
        return;
    }
    let text = scan.text;
    let around = scan.around();
    let window = &text[around.clone()];
    names::BUILT_IN.find(window, scratch, |name| {
        let is_name = || {
            !is_standard(&window[name.start..])
                && !programs::is_identifier(window, &(name.start..name.end), name.score)
        };
        if wanted.contains(&(name.kind, true)) && is_name() {
            let place = around.start + name.start..around.start + name.end;
            scan.push(recognizer(name.kind), place, name.score, Evidence::Shape);
        }
    });
}

/// Whether the number of a standard begins here, which the tagger may take for a company: `DIN A4`, `ISO 27001`.
fn is_standard(text: &[u8]) -> bool {
    const BODIES: [&[u8]; 5] = [b"DIN ", b"ISO ", b"IEC ", b"EN ", b"RFC "];
    let behind = BODIES.iter().find_map(|body| text.strip_prefix(*body));
    behind.is_some_and(|number| number.iter().take(3).any(u8::is_ascii_digit))
}

//! The numbering plans: one automaton over digits, and where in it each question begins. Compiled by `build/phone.rs`.

include!(concat!(env!("OUT_DIR"), "/phone.rs"));

/// For every state its ten next ones, little-endian; state 0 is where no number leads.
static TABLE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/phone.dfa"));

pub(super) struct Region {
    /// ISO 3166.
    pub(super) id: &'static str,
    pub(super) country_code: &'static str,
    /// What is dialled before a number within the region.
    pub(super) prefix: &'static str,
    /// Where the region's national significant numbers begin.
    pub(super) numbers: u16,
}

/// Whether `digits` (0 to 9, not characters) are among what begins at `state`.
pub(super) fn accepts(state: u16, digits: &[u8]) -> bool {
    let end = digits.iter().fold(state, |state, &digit| next(state, digit));
    end >= ACCEPTING
}

/// The region of an ISO 3166 code.
pub(super) fn region(id: &str) -> Option<&'static Region> {
    let at = REGIONS.binary_search_by_key(&id, |region| region.id).ok()?;
    Some(&REGIONS[at]).filter(|_| id != "001")
}

/// Where the numbers begin that are written in groups as `key` tells.
pub(super) fn shape(key: u32) -> Option<u16> {
    let at = SHAPES.binary_search_by_key(&key, |&(key, _)| key).ok()?;
    Some(SHAPES[at].1)
}

fn next(state: u16, digit: u8) -> u16 {
    let at = (usize::from(state) * 10 + usize::from(digit)) * 2;
    u16::from_le_bytes([TABLE[at], TABLE[at + 1]])
}

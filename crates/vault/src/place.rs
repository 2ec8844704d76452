//! Where a sealed value belongs.

use tacita_domain::OrganisationId;

/// Where a sealed field lies. It is sealed along with the value, so that a value moved to another organisation, table, column
/// or row does not open there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// Whose it is.
    pub organisation: OrganisationId,
    /// The table, or what else has rows.
    pub table: &'a str,
    /// The column.
    pub column: &'a str,
    /// The row's key, however long.
    pub row: &'a [u8],
}

impl Place<'_> {
    /// The associated data of a value sealed here: `domain` says as what, `version` by which version of its key.
    pub(crate) fn associated(&self, domain: &str, version: u32) -> Vec<u8> {
        associated(
            domain,
            &[
                self.organisation.as_bytes(),
                self.table.as_bytes(),
                self.column.as_bytes(),
                self.row,
                &version.to_be_bytes(),
            ],
        )
    }
}

/// Parts as one text from which they can be told apart: before each its length in bytes, as 64 bits, big-endian. `domain` keeps
/// texts of different use apart, and names their format: a change of it is a new name.
pub(crate) fn associated(domain: &str, parts: &[&[u8]]) -> Vec<u8> {
    let length = parts.iter().map(|part| part.len() + 8).sum::<usize>() + domain.len() + 8;
    let mut text = Vec::with_capacity(length);
    for part in [domain.as_bytes()].iter().chain(parts) {
        text.extend((part.len() as u64).to_be_bytes());
        text.extend_from_slice(part);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn different_parts_make_different_texts(
            one: Vec<Vec<u8>>, other: Vec<Vec<u8>>, cut in 0_usize..8,
        ) {
            let parts = |all: &[Vec<u8>]| {
                associated("a", &all.iter().map(Vec::as_slice).collect::<Vec<_>>())
            };
            proptest::prop_assert_eq!(one == other, parts(&one) == parts(&other));
            // The same bytes, cut elsewhere.
            let joined = one.concat();
            let cut = cut.min(joined.len());
            let recut = vec![joined[..cut].to_vec(), joined[cut..].to_vec()];
            proptest::prop_assert_eq!(one == recut, parts(&one) == parts(&recut));
        }
    }

    #[test]
    fn the_form_stays() {
        let organisation = OrganisationId::from_bytes([0x11; 16]);
        let place = Place { organisation, table: "t", column: "col", row: &[9, 8] };
        let expected = [
            &[0, 0, 0, 0, 0, 0, 0, 1][..],
            b"d",
            &[0, 0, 0, 0, 0, 0, 0, 16],
            &[0x11; 16],
            &[0, 0, 0, 0, 0, 0, 0, 1],
            b"t",
            &[0, 0, 0, 0, 0, 0, 0, 3],
            b"col",
            &[0, 0, 0, 0, 0, 0, 0, 2],
            &[9, 8],
            &[0, 0, 0, 0, 0, 0, 0, 4],
            &[0, 0, 1, 2],
        ];
        assert_eq!(place.associated("d", 0x102), expected.concat());
    }
}

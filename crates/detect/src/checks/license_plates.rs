//! Licence plates by country, as their registration laws describe them. Plates of the United Kingdom, Germany, India,
//! Turkey and South Africa have checks of their own, which know districts.

use super::forms::forms;

forms! {
    /// A licence plate of any of the countries below.
    license_plate:
    license_plate_al "[A-Z]{2}(?:\\d{3}[A-Z]{2}|\\d{3}T|R\\d{3})";
    license_plate_ar "[A-Z]{2}\\d{3}[A-Z]{2}|[A-Z]{3}\\d{3}";
    license_plate_br "[A-Z]{3}\\d[A-Z]\\d{2}|[A-Z]{3}\\d{4}";
    license_plate_cz "[A-FH-NP-VX-Z0-9]{5,8}";
    license_plate_es "\\d{4}[BCDFGHJ-NPR-TV-Z]{3}";
    license_plate_fi "[A-Z]{1,3}\\d{1,3}|\\d{1,3}[A-Z]{1,3}|CD?\\d{1,5}";
    license_plate_fr "[A-HJ-NP-TV-Z]{2}\\d{3}[A-HJ-NP-TV-Z]{2}";
    license_plate_it "[A-HJ-NPR-TV-Z]{2}\\d{3}[A-HJ-NPR-TV-Z]{2}";
    license_plate_li "FL\\d{1,5}[UZ]?";
    license_plate_ng "[A-Z]{3}\\d{3}[A-Z]{2}";
    license_plate_no "[A-Z]{2}\\d{4,5}";
    license_plate_pt "[A-Z]{2}\\d{4}|\\d{2}[A-Z]{2}\\d{2}|\\d{4}[A-Z]{2}|[A-Z]{2}\\d{2}[A-Z]{2}";
    /// I, Q and V never occur; the last symbol may be a letter other than O since 2019.
    license_plate_se "[A-HJ-PR-UW-Z]{3}\\d{2}[A-HJ-NPR-UW-Z0-9]";
    license_plate_sg "[A-Z]{1,3}\\d{1,4}[A-HJ-MPR-UX-Z]";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_hold_as_a_whole() {
        assert!(license_plate_fr(b"AB-123-CD") && license_plate_es(b"1234 BCD") && license_plate(b"FL 1337"));
        assert!(
            !license_plate_fr(b"AI-123-CD") && !license_plate_es(b"1234 AEI") && !license_plate(b"no plate")
        );
    }
}

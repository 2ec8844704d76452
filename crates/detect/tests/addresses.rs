//! Addresses of many countries: all parts of one are one finding.

use tacita_detect::{Detector, Options};

/// The addresses found in `text`.
fn found(text: &str) -> Vec<&str> {
    let detector = Detector::new(Options::default()).expect("the default options are valid");
    let findings = detector.detect(text);
    let addresses = findings.iter().filter(|f| detector.entity_name(f.entity) == "STREET_ADDRESS");
    addresses.map(|finding| &text[finding.start..finding.end]).collect()
}

/// Each case says what stands before the address, the address, and what stands behind it.
#[test]
fn an_address_is_one_finding() {
    let cases = [
        // Units, with the street before and behind, also without a word that says that it is a street.
        ("send it to ", "12 Lindqvist 48 Apt. 301\nTarnby, OH 44107", ". Thanks"),
        ("", "Apt. 31, 48 Larch Road, Dunmore", ""),
        ("we are at ", "Osterkamp 7, Suite 12", " now"),
        ("my new place: ", "48 upper larch 7 apt. 12", " thanks"),
        // Countries and postcodes below the place.
        ("", "Marktsteig 9\n Apt. 4\n Weidental\n Austria 4020", "\n\nDear"),
        ("", "Tallfuru 19\nSandby\n Norway 1405", "\nTel"),
        ("", "31 Seabright Street\n Suite 3\n WESTERHAM\n United Kingdom", "\n"),
        ("is it ", "12 Quarry Lane, Tarnby, ca 90210", "?"),
        ("", "12 Quarry Lane, Tarnby QC K1A 0B1", ""),
        // A place behind a unit, and no comma.
        ("", "48 Larch Road Apt. 31 Dunmore", "."),
        // Lines that a quotation or a comment marks.
        ("> ", "14 Quarry Lane\n> Suite 8\n> Tarnby\n> Ireland", "\n> bye"),
        // The number of a building before the street, as some registers have it.
        ("my address is ", "50066 Rooseveltlaan 110", ""),
        // Kinds of street in other languages.
        ("", "ul. Lipowa 8", ""),
        ("", "Kossuth tér 4", "."),
        ("", "Pärnu mnt 12", ""),
        ("", "Rúa do Mar 46", ""),
        ("", "Sörgatan 11", ""),
        ("", "Koivuntie 5", ""),
        ("", "Hafnarstræti 5", ""),
        ("", "12 rue de la paix", ""),
        ("", "Rue de la Dyle 9", ""),
        // What a word announces.
        ("Address: ", "Hollerbusch 44", "\n"),
        ("she lives at ", "31 Hollerbusch", "."),
        ("meet me at the ", "corner of Pine Str. and Larch Avenue", " at nine"),
        // Boxes, and the armed forces.
        ("", "Postfach 1203", ""),
        ("", "PSC 1203, Box 481\nAPO AE 09104", ""),
        ("", "Unit 4821 Box 12\nDPO AP 96522", ""),
        ("", "USNS Larkfield\nFPO AP 96601", ""),
        // What the tagger knows to be a place.
        ("write to ", "12 Quarry Lane, Ljubljana", " today"),
    ];
    for (before, address, behind) in cases {
        let text = format!("{before}{address}{behind}");
        assert_eq!(found(&text), [address], "{text:?}");
    }
}

#[test]
fn what_only_looks_like_an_address_is_none() {
    let cases = [
        "#define XK_udiaeresis 0x00fc /* U+00FC LATIN SMALL LETTER U WITH DIAERESIS */",
        "U+266D MUSIC FLAT SIGN",
        "Copyright (c) 2016 Larkfield Inc., Berkeley, CA 94704",
        "Copyright: 2008 Guido U. Brandt",
        "runs on Darwin 9 and Mac OS X 10.5",
        "the address is Table 4",
        "address: 0x7ffe0000",
        "Investigate 5 of them in Suite B",
        "see Chapter 3 of Volume 12",
        "the corner of the box and the line",
        "Unit 3 Box",
    ];
    for text in cases {
        assert!(found(text).is_empty(), "{text}: {:?}", found(text));
    }
}

/// A sentence that goes on is no part of an address.
#[test]
fn an_address_ends_where_it_ends() {
    let cases = [
        ("We met at 12 Quarry Lane. Germany was far.", "12 Quarry Lane"),
        ("12 Quarry Lane\nJordan Smith", "12 Quarry Lane"),
        ("It's in 12 Quarry Lane Apt. 3 since May", "12 Quarry Lane Apt. 3"),
        ("12 Quarry Lane in the rain", "12 Quarry Lane"),
    ];
    for (text, address) in cases {
        assert_eq!(found(text), [address], "{text}");
    }
}

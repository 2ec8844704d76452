//! Germany.

use super::{Spec, digits, pattern};
use crate::checks::generic::{mod_11_10, weighted};

pub(super) const RECOGNIZERS: &[Spec] = &[
    Spec::new("DeBsnrRecognizer", "DE_BSNR")
        .country("de")
        .languages(&["de"])
        .patterns(&[pattern("Betriebsstättennummer BSNR (9 digits)", 0.2, r"\b\d{9}\b")])
        .context(&[
            "betriebsstättennummer",
            "betriebsstätten-nummer",
            "bsnr",
            "betriebsstätte",
            "praxisnummer",
            "arztpraxis",
            "praxis",
            "kassenärztliche vereinigung",
            "kv-nummer",
            "kv nummer",
            "praxisadresse",
            "praxisstandort",
            "nebenbetriebsstätte",
            "hauptbetriebsstätte",
            "behandlungsort",
            "vertragsarztpraxis",
        ])
        .validate(de_bsnr),
    Spec::new("DeFuehrerscheinRecognizer", "DE_FUEHRERSCHEIN")
        .country("de")
        .languages(&["de"])
        .patterns(&[pattern(
            "Führerscheinnummer (Post-2013 EU-Format, 11 Zeichen)",
            0.35,
            r"\b[A-Z]{2}\d{8}[A-Z0-9]\b",
        )])
        .context(&[
            "führerscheinnummer",
            "führerschein",
            "fahrerlaubnis",
            "fahrerlaubnisnummer",
            "fahrerlaubnisklasse",
            "führerscheininhaber",
            "fev",
            "kba",
            "kraftfahrt-bundesamt",
            "driving licence",
            "driving license",
            "driver's license",
            "licence number",
            "license number",
            "dokument nr",
            "dokument-nr",
            "feld 5",
        ]),
    Spec::new("DeHandelsregisterRecognizer", "DE_HANDELSREGISTER")
        .country("de")
        .languages(&["de"])
        .patterns(&[pattern("Handelsregisternummer HRA/HRB", 0.5, r"\bHR[AB]\s*\d{1,6}\b")])
        .context(&[
            "handelsregister",
            "handelsregisternummer",
            "amtsgericht",
            "registergericht",
            "hra",
            "hrb",
            "hr-nummer",
            "registerauszug",
            "handelsregistereintrag",
            "firma",
            "gesellschaft",
            "gmbh",
            "ag",
            "ug",
            "kg",
            "ohg",
            "einzelkaufmann",
            "einzelkauffrau",
            "handelsregisterblattnummer",
        ]),
    Spec::new("DeHealthInsuranceRecognizer", "DE_HEALTH_INSURANCE")
        .country("de")
        .languages(&["de"])
        .patterns(&[pattern("Krankenversicherungsnummer KVNR (letter + 9 digits)", 0.3, r"\b[A-Z]\d{9}\b")])
        .context(&[
            "krankenversicherungsnummer",
            "krankenversichertennummer",
            "versichertennummer",
            "kvnr",
            "krankenkasse",
            "krankenversicherung",
            "gesundheitskarte",
            "egk",
            "elektronische gesundheitskarte",
            "gkv",
            "gesetzliche krankenversicherung",
            "krankenversicherungsausweis",
            "versichertenausweis",
            "versichertenkarte",
            "aok",
            "tkk",
            "barmer",
            "dak",
        ])
        .validate(de_health_insurance),
    Spec::new("DeIdCardRecognizer", "DE_ID_CARD")
        .country("de")
        .languages(&["de"])
        .patterns(&[
            pattern(
                "Personalausweisnummer nPA (ICAO charset + check digit)",
                0.4,
                r"\b[CF-HJ-NPRTV-Z][CF-HJ-NPRTV-Z0-9]{7}[0-9]\b",
            ),
            pattern("Personalausweisnummer alt (T + 8 Ziffern)", 0.5, r"\bT\d{8}\b"),
        ])
        .context(&[
            "personalausweis",
            "ausweis",
            "personalausweisnummer",
            "ausweisnummer",
            "ausweisdokument",
            "dokumentennummer",
            "seriennummer",
            "npa",
            "neuer personalausweis",
            "personalausweisgesetz",
            "pauwsg",
            "bundespersonalausweis",
            "identity card",
            "national id",
        ])
        .validate(de_id_card),
    Spec::new("DeKfzRecognizer", "DE_KFZ")
        .country("de")
        .languages(&["de"])
        .patterns(&[
            pattern(
                "KFZ-Kennzeichen (mit Leerzeichen)",
                0.3,
                r"(?<![\w-])[A-ZÄÖÜ]{1,3}\s[A-Z]{1,2}\s\d{1,4}[EH]?(?!\w)",
            ),
            pattern(
                "KFZ-Kennzeichen (mit Bindestrich)",
                0.3,
                r"(?<![\w-])[A-ZÄÖÜ]{1,3}-[A-Z]{1,2}-\d{1,4}[EH]?(?!\w)",
            ),
            pattern(
                "KFZ-Kennzeichen (Bindestrich + Leerzeichen)",
                0.3,
                r"(?<![\w-])[A-ZÄÖÜ]{1,3}-[A-Z]{1,2}\s\d{1,4}[EH]?(?!\w)",
            ),
            pattern(
                "KFZ-Kennzeichen (ASCII only, mit Leerzeichen)",
                0.2,
                r"(?<![\w-])[A-Z]{1,3}\s[A-Z]{1,2}\s\d{1,4}[EH]?(?!\w)",
            ),
            pattern(
                "KFZ-Kennzeichen (ASCII only, Bindestrich + Leerzeichen)",
                0.2,
                r"(?<![\w-])[A-Z]{1,3}-[A-Z]{1,2}\s\d{1,4}[EH]?(?!\w)",
            ),
        ])
        .context(&[
            "kennzeichen",
            "kfz-kennzeichen",
            "kraftfahrzeugkennzeichen",
            "nummernschild",
            "fahrzeugkennzeichen",
            "zulassung",
            "kfz",
            "fahrzeug",
            "auto",
            "pkw",
            "lkw",
            "fahrzeugschein",
            "fahrzeugbrief",
            "zulassungsbescheinigung",
            "amtliches kennzeichen",
        ]),
    Spec::new("DeLanrRecognizer", "DE_LANR")
        .country("de")
        .languages(&["de"])
        .patterns(&[pattern("Lebenslange Arztnummer LANR (9 digits)", 0.3, r"\b\d{9}\b")])
        .context(&[
            "arztnummer",
            "lanr",
            "lebenslange arztnummer",
            "arzt-nr",
            "arzt nr",
            "arzt-nummer",
            "vertragsarzt",
            "kassenarzt",
            "niedergelassener arzt",
            "kbv",
            "kassenärztliche vereinigung",
            "kv-nummer",
            "rezept",
            "verschreibung",
            "behandelnder arzt",
            "hausarzt",
            "facharzt",
        ])
        .validate(de_lanr),
    Spec::new("DePassportRecognizer", "DE_PASSPORT")
        .country("de")
        .languages(&["de"])
        .patterns(&[pattern(
            "Reisepassnummer (Strict ICAO charset)",
            0.4,
            r"\b[CF-HJ-NPRTV-Z][CF-HJ-NPRTV-Z0-9]{7}[0-9]\b",
        )])
        .context(&[
            "reisepass",
            "pass",
            "passnummer",
            "reisepassnummer",
            "passport",
            "passport number",
            "pass-nr",
            "dokumentennummer",
            "bundesrepublik deutschland",
            "ausweisdokument",
            "mrz",
        ])
        .validate(de_passport),
    Spec::new("DePlzRecognizer", "DE_PLZ")
        .country("de")
        .languages(&["de"])
        .patterns(&[pattern(
            "Postleitzahl (5 digits, very low base confidence – context required)",
            0.05,
            r"\b(?!01000\b|99999\b)(?:0[1-9]\d{3}|[1-9]\d{4})\b",
        )])
        .context(&[
            "plz",
            "postleitzahl",
            "postanschrift",
            "adresse",
            "wohnort",
            "ort",
            "wohnanschrift",
            "lieferadresse",
            "rechnungsadresse",
            "straße",
            "strasse",
            "hausnummer",
            "postfach",
            "bundesland",
            "gemeinde",
            "stadt",
            "dorf",
        ]),
    Spec::new("DeSocialSecurityRecognizer", "DE_SOCIAL_SECURITY")
        .country("de")
        .languages(&["de"])
        .patterns(&[
            pattern(
                "Rentenversicherungsnummer (Strict, with birth date structure)",
                0.5,
                r"\b\d{2}(?:0[1-9]|[1267]\d|3[01]|5[1-9]|8[01])(?:0[1-9]|1[0-2])\d{2}[A-Z]\d{2}[0-9]\b",
            ),
            pattern("Rentenversicherungsnummer (Relaxed)", 0.3, r"\b\d{8}[A-Z]\d{3}\b"),
        ])
        .context(&[
            "rentenversicherungsnummer",
            "sozialversicherungsnummer",
            "versicherungsnummer",
            "rvnr",
            "svnr",
            "sv-nummer",
            "rente",
            "rentenversicherung",
            "deutsche rentenversicherung",
            "drv",
            "sozialversicherung",
            "sozialversicherungsausweis",
            "rentenausweis",
        ])
        .validate(de_social_security),
    Spec::new("DeTaxIdRecognizer", "DE_TAX_ID")
        .country("de")
        .languages(&["de"])
        .patterns(&[pattern("Steueridentifikationsnummer (High)", 0.5, r"\b[1-9]\d{10}\b")])
        .context(&[
            "steueridentifikationsnummer",
            "steuer-id",
            "steuerid",
            "steuerliche identifikationsnummer",
            "steuerliche identifikation",
            "persönliche identifikationsnummer",
            "steuer identifikation",
            "idnr",
            "steuer-idnr",
            "steuernummer",
            "bzst",
        ])
        .validate(de_tax_id),
    Spec::new("DeTaxNumberRecognizer", "DE_TAX_NUMBER")
        .country("de")
        .languages(&["de"])
        .patterns(&[
            pattern(
                "Steuernummer ELSTER (bundeseinheitlich, 13-stellig)",
                0.5,
                r"\b(?:0[1-9]|1[0-6])\d{11}\b",
            ),
            pattern(
                "Steuernummer mit Schrägstrich (Bayern/BW: 3/3/5)",
                0.4,
                r"(?<!\w)\d{3}/\d{3}/\d{5}(?!\w)",
            ),
            pattern(
                "Steuernummer mit Schrägstrich (NW: 3/4/4 oder allgemein 2-3/3-4/4-5)",
                0.2,
                r"(?<!\w)\d{2,3}/\d{3,4}/\d{4,5}(?!\w)",
            ),
        ])
        .context(&[
            "steuernummer",
            "steuer-nr",
            "steuer nr",
            "st.-nr",
            "st-nr",
            "finanzamt",
            "umsatzsteuer",
            "einkommensteuer",
            "körperschaftsteuer",
            "gewerbesteuer",
            "steuerveranlagung",
            "steuerbescheid",
        ]),
    Spec::new("DeVatIdRecognizer", "DE_VAT_ID")
        .country("de")
        .languages(&["de"])
        .patterns(&[
            pattern("Umsatzsteuer-Identifikationsnummer USt-IdNr. (DE + 9 digits)", 0.5, r"\bDE\d{9}\b"),
            pattern(
                "Umsatzsteuer-Identifikationsnummer USt-IdNr. (with separators)",
                0.4,
                r"\bDE(?:[\s.\-]?\d{3}){3}\b",
            ),
        ])
        .context(&[
            "umsatzsteuer-identifikationsnummer",
            "umsatzsteueridentifikationsnummer",
            "ust-idnr",
            "ust-id",
            "ustidnr",
            "umsatzsteuer-id",
            "mehrwertsteuer",
            "vat",
            "vat-id",
            "vat id",
            "steueridentifikation",
            "bzst",
            "bundeszentralamt für steuern",
            "finanzamt",
            "invoice",
            "rechnung",
        ])
        .validate(de_vat_id),
];

/// Nine digits are not enough to be sure; all zeros never are.
fn de_bsnr(value: &str) -> Option<bool> {
    (value == "000000000").then_some(false)
}

fn de_lanr(value: &str) -> Option<bool> {
    let digits = digits::values(value);
    Some((weighted(&digits, &[4, 9, 4, 9, 4, 9]) + u32::from(digits[6])).is_multiple_of(10))
}

/// The letter counts as its two-digit place in the alphabet; products' digits are added.
fn de_health_insurance(value: &str) -> Option<bool> {
    let letter = letter_place(value.chars().next()?)?;
    let digits = digits::values(value);
    let number: Vec<u8> = letter.into_iter().chain(digits[..8].iter().copied()).collect();
    Some(cross_sum(&number, &[1, 2, 1, 2, 1, 2, 1, 2, 1, 2]) % 10 == u32::from(digits[8]))
}

fn de_social_security(value: &str) -> Option<bool> {
    let letter = letter_place(value.chars().nth(8)?)?;
    let digits = digits::values(value);
    let (day, month) = (digits::number(&digits[2..4]), digits::number(&digits[4..6]));
    if !matches!(day, 1..=31 | 51..=81) || !matches!(month, 1..=12) {
        return Some(false);
    }
    let number: Vec<u8> =
        digits[..8].iter().copied().chain(letter).chain(digits[8..10].iter().copied()).collect();
    Some(cross_sum(&number, &[2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1]) % 10 == u32::from(digits[10]))
}

/// The older form, `T` and eight digits, has no check digit that Presidio knows.
fn de_id_card(value: &str) -> Option<bool> {
    let upper = value.to_uppercase();
    let mut characters = upper.chars();
    if characters.next() == Some('T') && characters.all(|c| digits::value(c).is_some()) {
        return None;
    }
    de_passport(&upper)
}

/// ICAO 9303: weights 7, 3, 1.
fn de_passport(value: &str) -> Option<bool> {
    let mut symbols = Vec::with_capacity(9);
    for c in value.to_uppercase().chars() {
        let symbol = digits::value(c).or_else(|| c.is_ascii_uppercase().then(|| c as u8 - b'A' + 10));
        let Some(symbol) = symbol else { return Some(false) };
        symbols.push(symbol);
    }
    let Some((check, symbols)) = symbols.split_last() else { return Some(false) };
    Some(weighted(symbols, &[7, 3, 1, 7, 3, 1, 7, 3]) % 10 == u32::from(*check))
}

fn de_tax_id(value: &str) -> Option<bool> {
    let digits = digits::values(value);
    let most = (0..10).map(|digit| digits[..10].iter().filter(|&&other| other == digit).count()).max();
    Some(most <= Some(3) && mod_11_10(&digits))
}

/// Numbers whose check digit does not hold are kept: test numbers seldom do.
fn de_vat_id(value: &str) -> Option<bool> {
    mod_11_10(&digits::values(value)).then_some(true)
}

/// The two digits of a letter's place in the alphabet.
fn letter_place(letter: char) -> Option<[u8; 2]> {
    let upper = letter.to_uppercase().next()?;
    let place = upper.is_ascii_uppercase().then(|| upper as u8 - b'A' + 1)?;
    Some([place / 10, place % 10])
}

/// The sum of the digits of each product.
fn cross_sum(digits: &[u8], weights: &[u8]) -> u32 {
    let products = digits.iter().zip(weights).map(|(&digit, &weight)| u32::from(digit) * u32::from(weight));
    products.map(|product| product / 10 + product % 10).sum()
}

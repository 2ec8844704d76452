//! South Africa.

use super::{Spec, composed, digits, pattern};
use crate::checks::dates::is_date;
use crate::{checks::generic::luhn_sum, presidio::phones::Line};

pub(super) const RECOGNIZERS: &[Spec] = &[
    Spec::new("ZaCompanyRegistrationRecognizer", "ZA_COMPANY_REGISTRATION")
        .country("za")
        .patterns(&[
            pattern("South African Company Registration (modern)", 0.4, r"\b(?:19|20)\d{2}/\d{6}/\d{2}\b"),
            pattern("South African Company Registration (legacy)", 0.3, r"\b(?:CK|NR?|[BKMTW])\d{4}/\d{6}\b"),
        ])
        .context(&[
            "cipc",
            "company registration",
            "registration number",
            "close corporation",
            "company reg",
            "enterprise number",
        ])
        .validate_in_year(za_company_registration),
    Spec::new("ZaDriverLicenseRecognizer", "ZA_DRIVER_LICENSE")
        .country("za")
        .patterns(&[pattern("South African Driver's Licence", 0.3, r"\b\d{6,10}[A-Z0-9]{2,5}\b")])
        .context(&[
            "licence",
            "license",
            "driving licence",
            "driving license",
            "driver's licence",
            "driver's license",
            "drivers licence",
            "drivers license",
            "enatis",
            "natis",
            "licence number",
            "license number",
        ])
        .validate(za_driver_license),
    Spec::new("ZaIdNumberRecognizer", "ZA_ID_NUMBER")
        .country("za")
        .patterns(&[pattern("South African ID Number", 0.2, r"\b\d{10}[0-2][89]\d\b")])
        .context(&[
            "id",
            "identity",
            "identity number",
            "id number",
            "south african id",
            "rsa id",
            "smart id",
            "national id",
        ])
        .validate(za_id_number),
    Spec::new("ZaIncomeTaxNumberRecognizer", "ZA_INCOME_TAX_NUMBER")
        .country("za")
        .patterns(&[pattern("South African Income Tax Number", 0.05, r"\b[01239]\d{9}\b")])
        .context(&[
            "sars",
            "tax reference",
            "income tax",
            "tax number",
            "itr",
            "taxpayer",
            "tax registration",
        ])
        .validate(always),
    Spec::new("ZaLicensePlateRecognizer", "ZA_LICENSE_PLATE")
        .country("za")
        .patterns(&[
            composed("ZA Licence Plate (compact)", 0.3, || plate(r"[A-Z]{2,4}\d{2,4}[A-Z]{0,4}")),
            composed("ZA Licence Plate (spaced)", 0.3, || plate(r"[A-Z]{2}\s?\d{2}\s?[A-Z]{2}\s?")),
            composed("ZA Licence Plate (prefix digits)", 0.3, || plate(r"[A-Z]{2,3}\s?\d{2,3}\s?")),
            pattern("ZA Licence Plate (EC numeric prefix)", 0.3, r"\b\d{2,3}\s?[A-Z]{2,3}\s?EC\b"),
        ])
        .context(&[
            "licence plate",
            "license plate",
            "number plate",
            "registration",
            "vehicle registration",
            "natis",
            "enatis",
            "plate number",
        ])
        .validate(always),
    Spec::new("ZaMobileNumberRecognizer", "ZA_MOBILE_NUMBER")
        .country("za")
        .phones(&["ZA"], Line::Mobile)
        .context(PHONE_CONTEXT),
    Spec::new("ZaPassportRecognizer", "ZA_PASSPORT")
        .country("za")
        .patterns(&[pattern("South African Passport", 0.2, r"\b[ADMT]\d{8}\b")])
        .context(&[
            "passport",
            "passport number",
            "travel document",
            "dha",
            "south african passport",
            "rsa passport",
        ])
        .validate(always),
    Spec::new("ZaTelephoneNumberRecognizer", "ZA_TELEPHONE_NUMBER")
        .country("za")
        .phones(&["ZA"], Line::Telephone)
        .context(PHONE_CONTEXT),
    Spec::new("ZaTrafficRegisterNumberRecognizer", "ZA_TRAFFIC_REGISTER_NUMBER")
        .country("za")
        .patterns(&[pattern("South African Traffic Register Number", 0.05, r"\b\d{13}\b")])
        .context(&[
            "traffic register",
            "traffic register number",
            "trn",
            "enatis",
            "natis",
            "vehicle register",
        ])
        .validate(za_traffic_register_number),
    Spec::new("ZaVatNumberRecognizer", "ZA_VAT_NUMBER")
        .country("za")
        .patterns(&[pattern("South African VAT Number", 0.3, r"\b4\d{9}\b")])
        .context(&["vat", "vat number", "vat registration", "tax invoice", "sars", "value added tax"])
        .validate(always),
];

const PHONE_CONTEXT: &[&str] = &[
    "phone",
    "number",
    "telephone",
    "cell",
    "cellphone",
    "mobile",
    "call",
    "cellular",
    "handset",
    "contact number",
    "landline",
    "tel",
    "home number",
    "work number",
    "office number",
    "sms",
    "whatsapp",
];

/// A plate ends in its province.
fn plate(number: &str) -> String {
    format!(r"\b{number}(?:GP|ZN|WP|EC|NC|FS|LP|MP|NW)\b")
}

/// Presidio validates these by what their pattern has checked already, so every match is certain.
fn always(_value: &str) -> Option<bool> {
    Some(true)
}

/// The year, which ends in the third place before the first slash in `CK1998/…` and opens `1998/…`.
fn za_company_registration(value: &str, this_year: u16) -> Option<bool> {
    let digits = digits::values(value.split('/').next()?);
    Some((1800..=u64::from(this_year)).contains(&digits::number(&digits)))
}

fn za_driver_license(value: &str) -> Option<bool> {
    let letters = value.chars().any(|c| c.is_ascii_alphabetic());
    Some(letters && (10..=14).contains(&value.chars().count()))
}

fn za_id_number(value: &str) -> Option<bool> {
    Some(is_identity_number(&digits::values(value)))
}

/// Thirteen digits that are not an identity number.
fn za_traffic_register_number(value: &str) -> Option<bool> {
    Some(!is_identity_number(&digits::values(value)))
}

/// Birth date, sequence, citizenship (0 to 2), 8 or 9, check digit.
///
/// Presidio also refuses birth dates of the current year that are still to come; without a clock they pass.
fn is_identity_number(digits: &[u8]) -> bool {
    let [year, month, day] = [0, 2, 4].map(|at| digits::number(&digits[at..at + 2]));
    // Leap years are the same in both centuries that the two digits can mean, but for 00, which means 2000.
    is_date(2000 + year, month, day)
        && matches!(digits[10], 0..=2)
        && matches!(digits[11], 8 | 9)
        && luhn_sum(digits).is_multiple_of(10)
}

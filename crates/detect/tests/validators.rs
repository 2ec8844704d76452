//! Conformance of the checks with the cases of validator.js, `detect/validator_cases.jsonl` of the evaluation data.
//!
//! Every row whose type a check knows is compared. The tables say which check answers for which rows, which rows are of
//! no type of ours, and where a check is right although it differs.

mod eval;

use std::collections::BTreeMap;

use serde_json::Value;
use tacita_detect::checks;

#[test]
fn the_checks_agree_with_the_cases() {
    let Some(cases) = eval::data("validator_cases.jsonl") else { return };
    let (mut tallies, mut unsupported) =
        (BTreeMap::<String, (usize, usize)>::new(), BTreeMap::<String, usize>::new());
    let mut explained = 0;
    for line in cases.lines() {
        // A few rows hold half a surrogate pair, which is no text.
        let Ok(case) = serde_json::from_str::<Value>(line) else {
            *unsupported.entry("no Unicode text".to_owned()).or_default() += 1;
            continue;
        };
        let (validator, value) =
            (case["validator"].as_str().expect("a name"), case["value"].as_str().expect("a text"));
        let kind = kind(validator, &case["args"][0]);
        let Some(ours) = answer(&kind, value) else {
            *unsupported.entry(kind).or_default() += 1;
            continue;
        };
        let (agreed, all) = tallies.entry(validator.to_owned()).or_default();
        *all += 1;
        if Some(ours) == case["valid"].as_bool() {
            *agreed += 1;
        } else {
            let why = DEVIATIONS.iter().find(|deviation| deviation.0 == kind && (deviation.1)(value));
            explained += usize::from(why.is_some());
            println!("{kind} `{value}`: ours says {ours}: {}", why.map_or("UNEXPLAINED", |(_, _, why)| why));
        }
    }
    for (validator, (agreed, all)) in &tallies {
        println!("{validator}: {agreed} of {all}");
    }
    let (agreed, all) = tallies.values().fold((0, 0), |sum, tally| (sum.0 + tally.0, sum.1 + tally.1));
    println!("rows of no type of ours: {unsupported:?}");
    let share = |count: usize| 100.0 * count as f64 / all as f64;
    println!("agreement: {agreed} of {all}, {:.2} %", share(agreed));
    println!("differ for a stated reason: {explained}, {:.2} %", share(explained));
    println!("differ without one: {}", all - agreed - explained);
    assert!(share(agreed + explained) >= 99.0, "under 99 %");
}

#[test]
fn every_rule_names_checks_that_exist() {
    for (kind, names, _) in RULES {
        assert!(names.iter().all(|name| checks::by_name(name).is_some()), "{kind}");
    }
}

/// The validator and its option in one word or two: `isTaxID bg-BG`.
fn kind(validator: &str, option: &Value) -> String {
    match option {
        Value::Null => validator.to_owned(),
        Value::String(option) => format!("{validator} {option}"),
        option => format!("{validator} {option}"),
    }
}

/// What our checks say to a value, if they know its kind.
fn answer(kind: &str, value: &str) -> Option<bool> {
    // Whether no other separators than these are written.
    let compact = |separators: &str| value.chars().all(|c| !" -./".contains(c) || separators.contains(c));
    // Swedish personal plates are any word of two to seven letters: no type of ours.
    if kind == "isLicensePlate sv-SE" && !value.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if let Some((_, names, separators)) = RULES.iter().find(|(of, _, _)| *of == kind) {
        // Plates are taken in capitals only, as they are stamped.
        let cased = !kind.starts_with("isLicensePlate") || value == value.to_uppercase();
        return Some(cased && compact(separators) && names.iter().any(|name| check(name, value)));
    }
    let (validator, option) = kind.split_once(' ').unwrap_or((kind, ""));
    let hexadecimal = value.bytes().filter(u8::is_ascii_hexdigit).count();
    let parted = value.bytes().any(|byte| !byte.is_ascii_alphanumeric());
    let country = |listed: &[&str]| value.get(..2).is_some_and(|country| listed.contains(&country));
    Some(match (validator, option) {
        ("isMACAddress", option) => {
            check("mac", value)
                && (!option.contains("no_separators") || !parted)
                && (!option.contains(r#""48""#) || hexadecimal == 12)
                && (!option.contains(r#""64""#) || hexadecimal == 16)
        }
        ("isUUID", "" | "all") => check("uuid", value),
        ("isUUID", "loose") => check("guid", value),
        ("isUUID", "nil") => check("uuid", value) && value.bytes().all(|byte| matches!(byte, b'0' | b'-')),
        ("isUUID", "max") => {
            check("uuid", value) && value.bytes().all(|byte| matches!(byte, b'f' | b'F' | b'-'))
        }
        ("isUUID", version) if version.len() == 1 => {
            check("uuid", value) && value.get(14..15) == Some(version)
        }
        ("isIBAN", "") => check("iban", value),
        ("isIBAN", r#"{"whitelist":["DK","GB"]}"#) => check("iban", value) && country(&["DK", "GB"]),
        ("isIBAN", r#"{"blacklist":["IT"]}"#) => check("iban", value) && !country(&["IT"]),
        ("isPassportNumber", "SL") => compact(" ") && check("passport_si", value),
        ("isPassportNumber", "ZA") => compact(" ") && check("za_passport", value),
        ("isPassportNumber", "IN") => compact(" -") && check("passport_in", value),
        ("isPassportNumber", country) => {
            compact(" ") && known(&format!("passport_{country}"))?(value.as_bytes())
        }
        ("isPostalCode", "BR" | "CA" | "JP" | "PL" | "PR" | "PT" | "any") => {
            let name =
                if option == "any" { "postal_code".to_owned() } else { format!("postal_code_{option}") };
            compact(" -") && !value.contains("  ") && known(&name)?(value.as_bytes())
        }
        ("isPostalCode", "CZ" | "GB" | "GR" | "IE" | "MT" | "NL" | "SE" | "SK") => {
            compact(" ") && known(&format!("postal_code_{option}"))?(value.as_bytes())
        }
        ("isPostalCode", country) => {
            compact("") && known(&format!("postal_code_{country}"))?(value.as_bytes())
        }
        // Numbers of departments and authorities are written in one.
        ("isVAT", "GB") => {
            compact(if value.starts_with("GBGD") || value.starts_with("GBHA") { "" } else { " " })
                && check("vat_number_gb", value)
        }
        ("isVAT", "PL") => compact("-") && check("vat_number_pl", &with_country("PL", value)),
        ("isVAT", "EL") => compact("") && check("vat_number_gr", &with_country("EL", value)),
        ("isVAT", country) => {
            let check = known(&format!("vat_number_{country}"))?;
            compact("") && check(with_country(country, value).as_bytes())
        }
        _ => return None,
    })
}

/// validator.js lets the country of a VAT number be left out, as it is told which one to expect.
fn with_country(country: &str, value: &str) -> String {
    if value.starts_with(country) { value.to_owned() } else { format!("{country}{value}") }
}

fn known(name: &str) -> Option<checks::Check> {
    checks::by_name(&name.to_ascii_lowercase())
}

fn check(name: &str, value: &str) -> bool {
    checks::by_name(name).expect("the rules name checks that exist")(value.as_bytes())
}

/// Kind of row, the checks of which one has to hold, and the separators that validator.js lets be written: ours take
/// the usual ones everywhere.
const RULES: &[(&str, &[&str], &str)] = &[
    ("isAbaRouting", &["aba_routing"], ""),
    ("isBIC", &["bic"], ""),
    ("isBtcAddress", &["btc"], ""),
    ("isCreditCard", &["credit_card"], " -"),
    (r#"isCreditCard {"provider":"AmEx"}"#, &["credit_card_amex"], " -"),
    (r#"isCreditCard {"provider":"DinersClub"}"#, &["credit_card_diners"], " -"),
    (r#"isCreditCard {"provider":"Discover"}"#, &["credit_card_discover"], " -"),
    (r#"isCreditCard {"provider":"JCB"}"#, &["credit_card_jcb"], " -"),
    (r#"isCreditCard {"provider":"Mastercard"}"#, &["credit_card_mastercard"], " -"),
    (r#"isCreditCard {"provider":"UnionPay"}"#, &["credit_card_unionpay"], " -"),
    (r#"isCreditCard {"provider":"Visa"}"#, &["credit_card_visa"], " -"),
    ("isEthereumAddress", &["eth"], ""),
    ("isIMEI", &["imei"], ""),
    (r#"isIMEI {"allow_hyphens":true}"#, &["imei"], "-"),
    ("isJWT", &["jwt"], ".-"),
    ("isLatLong", &["lat_long"], " -."),
    (r#"isLatLong {"checkDMS":true}"#, &["lat_long"], " -."),
    ("isLuhnNumber", &["luhn"], " -"),
    ("isIdentityCard ES", &["es_nif", "es_nie"], ""),
    ("isIdentityCard FI", &["fi_hetu"], "-"),
    ("isIdentityCard IN", &["in_aadhaar"], " "),
    ("isIdentityCard IR", &["ir_national_code"], ""),
    ("isIdentityCard IT", &["it_identity_card"], ""),
    ("isIdentityCard LK", &["lk_nic"], ""),
    ("isIdentityCard NO", &["no_fodselsnummer"], ""),
    ("isIdentityCard PK", &["pk_cnic"], "-"),
    ("isIdentityCard PL", &["pl_pesel"], ""),
    ("isIdentityCard TH", &["th_tnin"], ""),
    ("isIdentityCard ar-LY", &["ly_national_number"], ""),
    ("isIdentityCard ar-TN", &["tn_cin"], ""),
    ("isIdentityCard he-IL", &["il_id"], ""),
    ("isIdentityCard zh-CN", &["cn_ric"], ""),
    ("isIdentityCard zh-HK", &["hk_id"], ""),
    ("isIdentityCard zh-TW", &["tw_id"], ""),
    (
        "isIdentityCard any",
        &[
            "cn_ric",
            "es_nie",
            "es_nif",
            "fi_hetu",
            "hk_id",
            "il_id",
            "in_aadhaar",
            "ir_national_code",
            "it_identity_card",
            "lk_nic",
            "ly_national_number",
            "no_fodselsnummer",
            "pk_cnic",
            "pl_pesel",
            "th_tnin",
            "tn_cin",
            "tw_id",
        ],
        " -",
    ),
    ("isLicensePlate cs-CZ", &["license_plate_cz"], "-"),
    ("isLicensePlate de-DE", &["de_license_plate"], " -"),
    ("isLicensePlate de-LI", &["license_plate_li"], " -"),
    ("isLicensePlate en-IN", &["in_vehicle"], " -"),
    ("isLicensePlate en-SG", &["license_plate_sg"], " -"),
    ("isLicensePlate es-AR", &["license_plate_ar"], " "),
    ("isLicensePlate fi-FI", &["license_plate_fi"], " -"),
    ("isLicensePlate pt-BR", &["license_plate_br"], " -"),
    ("isLicensePlate pt-PT", &["license_plate_pt"], " -"),
    ("isLicensePlate sq-AL", &["license_plate_al"], " -"),
    ("isLicensePlate sv-SE", &["license_plate_se"], " "),
    ("isTaxID bg-BG", &["bg_egn"], ""),
    ("isTaxID cs-CZ", &["cz_rodne_cislo"], "/"),
    ("isTaxID de-AT", &["at_tin"], "-/"),
    ("isTaxID de-DE", &["de_tax_id"], "/"),
    ("isTaxID dk-DK", &["dk_cpr"], "-"),
    ("isTaxID el-CY", &["cy_tin"], ""),
    ("isTaxID el-GR", &["gr_afm"], ""),
    ("isTaxID en-CA", &["ca_sin"], ""),
    ("isTaxID en-GB", &["uk_nino"], " "),
    ("isTaxID en-IE", &["ie_pps"], ""),
    ("isTaxID en-IN", &["in_pan"], ""),
    ("isTaxID en-US", &["us_ein"], "- "),
    ("isTaxID es-AR", &["ar_cuit"], ""),
    ("isTaxID es-ES", &["es_nif", "es_nie"], ""),
    ("isTaxID et-EE", &["ee_isikukood"], ""),
    ("isTaxID fi-FI", &["fi_hetu"], "-"),
    ("isTaxID fr-BE", &["be_nrn"], ""),
    ("isTaxID fr-FR", &["fr_tax"], ""),
    ("isTaxID fr-LU", &["lu_matricule"], ""),
    ("isTaxID hr-HR", &["hr_oib"], ""),
    ("isTaxID hu-HU", &["hu_tax_id"], ""),
    ("isTaxID it-IT", &["it_fiscal_code"], ""),
    ("isTaxID lb-LU", &["lu_matricule"], ""),
    ("isTaxID lt-LT", &["lt_asmens_kodas"], ""),
    ("isTaxID lv-LV", &["lv_personas_kods"], "-"),
    ("isTaxID mt-MT", &["mt_identity_card"], ""),
    ("isTaxID nl-BE", &["be_nrn"], ""),
    ("isTaxID nl-NL", &["nl_bsn"], ""),
    ("isTaxID pl-PL", &["pl_nip", "pl_pesel"], ""),
    ("isTaxID pt-BR", &["br_cnpj", "br_cpf"], "./-"),
    ("isTaxID pt-PT", &["pt_nif"], ""),
    ("isTaxID ro-RO", &["ro_cnp"], ""),
    ("isTaxID sk-SK", &["cz_rodne_cislo"], "/"),
    ("isTaxID sl-SI", &["si_tax"], ""),
    ("isTaxID sv-SE", &["se_personnummer"], "-"),
    ("isTaxID uk-UA", &["ua_rnokpp"], ""),
    ("isVAT AU", &["au_abn"], ""),
    ("isVAT CH", &["ch_uid"], " -."),
    ("isVAT PT", &["pt_nif"], ""),
];

type Deviation = (&'static str, fn(&str) -> bool, &'static str);

/// Kind of row, which of its values, and why our answer is right where it differs.
const DEVIATIONS: &[Deviation] = &[
    (
        "isBtcAddress",
        |value| !value.bytes().any(|byte| byte.is_ascii_lowercase()),
        "BIP 173 lets an address be written in capitals, and its checksum holds",
    ),
    (
        "isBtcAddress",
        |value| !check("btc", value),
        "the checksum is wrong; validator.js looks at the form only",
    ),
    (
        r#"isCreditCard {"provider":"Discover"}"#,
        |value| value.starts_with("622"),
        "Discover issues 622126 to 622925 together with UnionPay",
    ),
    (
        "isIdentityCard ES",
        |value| value.len() == 8,
        "a DNI below ten million is written without its leading zero",
    ),
    (
        "isIdentityCard LK",
        |value| !check("lk_nic", value),
        "no year has such a day; validator.js looks at the form only",
    ),
    (
        "isIdentityCard PL",
        |value| value.len() == 11 && !check("pl_pesel", value),
        "no such date of birth; validator.js looks at the check digit only",
    ),
    (
        "isIdentityCard any",
        |value| value.len() == 11 && !check("pl_pesel", value),
        "a PESEL of no date of birth; validator.js looks at the check digit only",
    ),
    (
        "isPostalCode IE",
        |value| value.get(1..3) == Some("6W") && !value.starts_with('D'),
        "6W belongs to Dublin alone: D6W",
    ),
    ("isPostalCode IE", |value| value.find(' ') != Some(3), "separators are skipped wherever they stand"),
    ("isPostalCode NP", |value| value == "977", "the country's telephone code, not a postal code"),
    ("isTaxID en-CA", |value| value.starts_with(['0', '8']), "no social insurance number begins with 0 or 8"),
    ("isTaxID es-ES", |value| value.len() < 8, "a DNI has no fewer than seven digits"),
    (
        "isTaxID it-IT",
        |value| value.len() == 16,
        "the control letter is reckoned from the letters that stand for digits, not from the digits",
    ),
    (
        "isTaxID pt-BR",
        |value| check("br_cnpj", value),
        "a CNPJ with letters is written with the separators of one without (Instrução Normativa RFB 2.229/2024)",
    ),
    (
        "isTaxID sk-SK",
        |value| !check("cz_rodne_cislo", value),
        "no such date of birth; validator.js looks at the form only",
    ),
    (
        "isTaxID sv-SE",
        |value| value.bytes().filter(u8::is_ascii_digit).count() == 12,
        "the check digit is of the last ten digits; validator.js reckons with all twelve",
    ),
    (
        "isTaxID sv-SE",
        |value| value.contains('+'),
        "a person born in 1864 is older than a hundred, as the + says",
    ),
    ("isVAT AL", |value| !check("al_nipt", value), "a NIPT has a letter, eight digits, a letter"),
    ("isVAT GB", |value| check("uk_vat", value) || !value.contains(' '), "the spaces may be left out"),
    ("isVAT GB", |value| value.len() > 12, "the check digits before a branch's number end at 96 too"),
    (
        "isVAT LT",
        |value| matches!(value.trim_start_matches("LT").len(), 10 | 11),
        "a number has nine digits, or twelve for a temporary payer",
    ),
];

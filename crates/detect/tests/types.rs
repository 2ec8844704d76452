//! Three realistic examples of each type that words and forms give away, and the keys of the services that are known.

use tacita_detect::{Detector, Options};

fn found(text: &str) -> Vec<(String, String)> {
    let detector = Detector::new(Options::default()).expect("valid options");
    let findings = detector.detect(text);
    let of = |f: &tacita_detect::Finding| {
        (detector.entity_name(f.entity).to_owned(), text[f.start..f.end].to_owned())
    };
    findings.iter().map(of).collect()
}

/// Type, text, value.
const EXAMPLES: &[(&str, &str, &str)] = &[
    ("TITLE", "Dear Mrs. Lind, the draft", "Mrs."),
    ("TITLE", "heard by Prof. Joren Brandt", "Prof."),
    ("TITLE", "an Frau Lind in Wien", "Frau"),
    ("ORGANIZATION", "signed for Larkfield Instruments Ltd. today", "Larkfield Instruments Ltd."),
    ("ORGANIZATION", "Die Quillon Robotik GmbH haftet", "Quillon Robotik GmbH"),
    ("ORGANIZATION", "by Larkfield Holdings, LLC of Ohio", "Larkfield Holdings, LLC"),
    ("BAR_NUMBER", "State Bar No. 260655", "260655"),
    ("BAR_NUMBER", "Attorney for Plaintiff (SBN 248173)", "248173"),
    ("BAR_NUMBER", "Bar Number: VA-260655", "VA-260655"),
    ("DOCKET_NUMBER", "Docket No. 8:22-mc-08223-NTS", "8:22-mc-08223-NTS"),
    ("DOCKET_NUMBER", "filed as 1:23-cv-04567 in the district", "1:23-cv-04567"),
    ("DOCKET_NUMBER", "see 22-cr-00187-ABC, at 4", "22-cr-00187-ABC"),
    ("COURT_CASE_NUMBER", "Case No. 2024-CV-2805", "2024-CV-2805"),
    ("COURT_CASE_NUMBER", "Aktenzeichen: 12 O 345/21", "12 O 345/21"),
    ("COURT_CASE_NUMBER", "Cause No. D-1-GN-21-004512", "D-1-GN-21-004512"),
    ("EMPLOYEE_ID", "Employee ID: E-77231", "E-77231"),
    ("EMPLOYEE_ID", "badge number 48213", "48213"),
    ("EMPLOYEE_ID", "Personalnummer 00481516", "00481516"),
    ("INSURANCE_POLICY_NUMBER", "Policy No. POL-7518493", "POL-7518493"),
    ("INSURANCE_POLICY_NUMBER", "policy number: HO3-4471920", "HO3-4471920"),
    ("INSURANCE_POLICY_NUMBER", "Versicherungsschein 480021773", "480021773"),
    ("HEALTH_INSURANCE_ID", "Member ID: XEH912345678", "XEH912345678"),
    ("HEALTH_INSURANCE_ID", "insurance id INS-659117991", "INS-659117991"),
    ("HEALTH_INSURANCE_ID", "Subscriber ID W20348817", "W20348817"),
    ("MEDICAL_RECORD_NUMBER", "MRN: 8357454", "8357454"),
    ("MEDICAL_RECORD_NUMBER", "Medical Record No. 00-48213", "00-48213"),
    ("MEDICAL_RECORD_NUMBER", "patient id A1048213", "A1048213"),
    ("SWIFT_BIC", "BIC: DEUTDEFF500", "DEUTDEFF500"),
    ("SWIFT_BIC", "SWIFT code BNPAFRPP", "BNPAFRPP"),
    ("SWIFT_BIC", "SWIFT/BIC: CHASUS33", "CHASUS33"),
    ("VIN", "VIN 1M8GDM9AXKP042788", "1M8GDM9AXKP042788"),
    ("VIN", "chassis WAUZZZ8K9BA000001", "WAUZZZ8K9BA000001"),
    ("VIN", "Fahrgestellnummer: WVWZZZ1JZXW000001", "WVWZZZ1JZXW000001"),
    ("IMEI", "IMEI 49-015420-323751-8", "49-015420-323751-8"),
    ("IMEI", "imei=490154203237518", "490154203237518"),
    ("IMEI", "handset 356938035643809 was lost", "356938035643809"),
    ("CRYPTO", "0x52908400098527886E0F7030069857D2E4169EE7", "0x52908400098527886E0F7030069857D2E4169EE7"),
    (
        "CRYPTO",
        "ETH wallet 0xde709f2102306220921060314715629080e2fb77",
        "0xde709f2102306220921060314715629080e2fb77",
    ),
    (
        "CRYPTO",
        "send BTC to bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
    ),
    ("USERNAME", "username: mara_lind84", "mara_lind84"),
    ("USERNAME", "login=jsmith&next=1", "jsmith"),
    ("USERNAME", "\"user\": \"maralind\"", "maralind"),
    ("AGE", "aged 34, of Graz", "34"),
    ("AGE", "a 34-year-old engineer", "34"),
    ("AGE", "Age: 7", "7"),
    ("DATE_OF_BIRTH", "DOB: 06/02/1984", "06/02/1984"),
    ("DATE_OF_BIRTH", "geboren am 12.05.1979", "12.05.1979"),
    ("DATE_OF_BIRTH", "born on March 9, 1990", "March 9, 1990"),
    ("PASSWORD", "DB_PASSWORD=t4pir-Lamp!9", "t4pir-Lamp!9"),
    ("PASSWORD", "postgres://mara:t4pir-Lamp@db.example.org/x", "t4pir-Lamp"),
    ("PASSWORD", "Passwort: Sommer2024!", "Sommer2024!"),
    (
        "JWT",
        "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJlLW9mLXRoaXM",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJlLW9mLXRoaXM",
    ),
];

#[test]
fn every_type_is_found_in_three_examples() {
    let mut missed = Vec::new();
    for (entity, text, value) in EXAMPLES {
        let found = found(text);
        if !found.iter().any(|(e, v)| e == entity && v == value) {
            missed.push(format!("{entity} in {text}: {found:?}"));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
    for (entity, ..) in EXAMPLES {
        let examples = EXAMPLES.iter().filter(|(other, ..)| entity == other).count();
        assert!(examples == 3 || *entity == "JWT", "{entity}: {examples} examples");
    }
}

/// Services and the form of their keys. In braces stands what chance makes: capitals, letters and digits (`A`), capitals
/// and digits (`U`), hexadecimal (`H`) or decimal digits (`D`), and how many. Square brackets part a value from its label.
const SERVICES: &[(&str, &str)] = &[
    ("age", "AGE-SECRET-KEY-1{U58}"),
    ("Anthropic", "sk-ant-api03-{A60}"),
    ("Atlassian", "ATATT3{A140}"),
    ("AWS", "AKIA{U16}"),
    ("Azure, client secret", "{A3}8Q~{A34}"),
    ("Azure, storage", "AccountKey=[{A86}==]"),
    ("Cloudflare", "CLOUDFLARE_API_TOKEN=[{A40}]"),
    ("Databricks", "dapi{H32}"),
    ("Datadog", "DD_API_KEY=[{H32}]"),
    ("DigitalOcean", "dop_v1_{H64}"),
    ("Discord, bot", "M{A23}.{A6}.{A38}"),
    ("Discord, webhook", "https://discord.com/api/webhooks/{D18}/{A68}"),
    ("Docker Hub", "dckr_pat_{A27}"),
    ("Figma", "figd_{A40}"),
    ("GitHub", "ghp_{A36}"),
    ("GitHub, fine-grained", "github_pat_{A22}_{A59}"),
    ("GitLab", "glpat-{A20}"),
    ("Google, API", "AIza{A35}"),
    ("Google, client secret", "GOCSPX-{A28}"),
    ("Google, token", "ya29.{A60}"),
    ("Grafana", "glsa_{A32}_{H8}"),
    ("Groq", "gsk_{A52}"),
    ("Hugging Face", "hf_{A34}"),
    ("Linear", "lin_api_{A40}"),
    ("Mailchimp", "{H32}-us14"),
    ("Mailgun", "key-{H32}"),
    ("New Relic", "NRAK-{U27}"),
    ("New Relic, licence", "{H36}NRAL"),
    ("Notion", "ntn_{A46}"),
    ("npm", "npm_{A36}"),
    ("OpenAI", "sk-proj-{A48}"),
    ("Perplexity", "pplx-{A48}"),
    ("Postman", "PMAK-{H24}-{H34}"),
    ("PyPI", "pypi-{A90}"),
    ("Replicate", "r8_{A37}"),
    ("RubyGems", "rubygems_{H48}"),
    ("SendGrid", "SG.{A22}.{A43}"),
    ("Sentry", "sntrys_{A60}"),
    ("Sentry, DSN", "https://{H32}@o{D6}.ingest.sentry.io/{D7}"),
    ("Shopify", "shpat_{H32}"),
    ("Slack, app", "xapp-1-{U11}-{D13}-{H64}"),
    ("Slack, bot", "xoxb-{D12}-{D12}-{A24}"),
    ("Slack, webhook", "https://hooks.slack.com/services/T{U8}/B{U8}/{A24}"),
    ("Square", "sq0csp-{A43}"),
    ("Stripe", "sk_live_{A24}"),
    ("Stripe, webhook", "whsec_{A32}"),
    ("Telegram", "{D9}:AA{A33}"),
    ("Twilio", "SK{H32}"),
    ("Vault", "hvs.{A95}"),
    ("xAI", "xai-{A80}"),
];

#[test]
fn keys_of_services_are_found_whole() {
    let mut missed = Vec::new();
    for (service, form) in SERVICES {
        let text = made(form);
        let key = text.split(['[', ']']).nth(1).unwrap_or(&text).to_owned();
        let text = format!("export X='{}' # {service}", text.replace(['[', ']'], ""));
        let found = found(&text);
        let secret = |entity: &str| matches!(entity, "API_KEY" | "ACCESS_TOKEN");
        if !found.iter().any(|(entity, value)| secret(entity) && *value == key) {
            missed.push(format!("{service}: {text} {found:?}"));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

/// A key of a form, the same one every time.
fn made(form: &str) -> String {
    const CAPITALS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const DIGITS: &str = "0123456789";
    let mut state = 7_u64;
    let mut key = String::new();
    for (at, part) in form.split(['{', '}']).enumerate() {
        if at % 2 == 0 {
            key += part;
            continue;
        }
        let alphabet = match &part[..1] {
            "A" => [CAPITALS, DIGITS, &CAPITALS.to_lowercase()].concat(),
            "U" => [CAPITALS, DIGITS].concat(),
            "H" => [DIGITS, "abcdef"].concat(),
            _ => DIGITS[1..].to_owned(),
        };
        for _ in 0..part[1..].parse().expect("a count") {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            key.extend(alphabet.chars().nth((state >> 33) as usize % alphabet.len()));
        }
    }
    key
}

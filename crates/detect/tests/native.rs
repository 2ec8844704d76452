//! What the native profile finds, and what it leaves alone: each line here stands for a class of texts that went wrong
//! once in documents, logs or code.

use tacita_detect::{Detector, Options, Overlaps};

fn found(text: &str) -> Vec<(String, String)> {
    let detector = Detector::new(Options::default()).expect("valid options");
    let findings = detector.detect(text);
    let of = |f: &tacita_detect::Finding| {
        (detector.entity_name(f.entity).to_owned(), text[f.start..f.end].to_owned())
    };
    findings.iter().map(of).collect()
}

#[test]
fn values_are_found_whole_and_with_their_type() {
    let cases = [
        ("card 4539 5260 1815 9083 1227 123", "CREDIT_CARD", "4539 5260 1815 9083"),
        ("arp: 10.0.0.7 is at 001b.4411.3ab7", "MAC_ADDRESS", "001b.4411.3ab7"),
        ("resolver 1.1.1.1 answers", "IP_ADDRESS", "1.1.1.1"),
        ("seen at 192.0.2.44 twice", "IP_ADDRESS", "192.0.2.44"),
        ("client 5.6.7.8 disconnected", "IP_ADDRESS", "5.6.7.8"),
        ("username: mara_lind84", "USERNAME", "mara_lind84"),
        ("Twitter handle: mara84", "USERNAME", "mara84"),
        ("DB_PASSWORD=t4pir-Lamp!9", "PASSWORD", "t4pir-Lamp!9"),
        ("mysql --password=t4pir-Lamp!9", "PASSWORD", "t4pir-Lamp!9"),
        ("my password is t4pir-Lamp!9 now", "PASSWORD", "t4pir-Lamp!9"),
        ("state bar no. 260655", "BAR_NUMBER", "260655"),
        ("Driver License: D123-4567-8901", "US_DRIVER_LICENSE", "D123-4567-8901"),
        ("account number 6804152767", "US_BANK_NUMBER", "6804152767"),
        ("hello mr. lind, the draft", "TITLE", "mr."),
        ("Dear Dr. Lind, thank you", "TITLE", "Dr."),
        ("seen by DR. LIND today", "TITLE", "DR."),
        (
            "Copyright (c) 2002-2008 Larkfield Instruments, Inc.",
            "ORGANIZATION",
            "Larkfield Instruments, Inc.",
        ),
        ("for Mara Lind and Quillon Robotics, Inc.", "ORGANIZATION", "Quillon Robotics, Inc."),
        ("Lind and Brandt, Inc. agrees", "ORGANIZATION", "Lind and Brandt, Inc."),
        ("Mara,+1 212-555-0142,1971-04-18", "PHONE_NUMBER", "+1 212-555-0142"),
        ("fnr 170268 37340 and your phone", "NO_FNR", "170268 37340"),
        ("Sie erreichen mich unter 089 99998 214", "PHONE_NUMBER", "089 99998 214"),
        ("works for Porto Nuovo S.p.A. in Genoa", "ORGANIZATION", "Porto Nuovo S.p.A."),
        ("1207 Birch Avenue\nMadison, WI 53703", "STREET_ADDRESS", "1207 Birch Avenue\nMadison, WI 53703"),
        ("lives at 12b Larch Road, Dunmore", "STREET_ADDRESS", "12b Larch Road, Dunmore"),
        ("mail git@example.org, please", "EMAIL_ADDRESS", "git@example.org"),
        ("mail hạnh.nguyễn87@example.org", "EMAIL_ADDRESS", "hạnh.nguyễn87@example.org"),
        ("请写信给mara.lind@example.org", "EMAIL_ADDRESS", "mara.lind@example.org"),
        (r#"<property name="password" value="t4pir-Lamp!9"/>"#, "PASSWORD", "t4pir-Lamp!9"),
        ("Copyright 2002-2008 Larkfield Instruments, Inc.", "ORGANIZATION", "Larkfield Instruments, Inc."),
        ("'mara'@'2.13.149.20'", "IP_ADDRESS", "2.13.149.20"),
        ("Q: Your date of birth?\nA: 1984-06-02.", "DATE_OF_BIRTH", "1984-06-02"),
        ("10115 Berlin", "POSTAL_CODE", "10115 Berlin"),
        ("75001 Paris", "POSTAL_CODE", "75001 Paris"),
        ("in 1010 Wien gemeldet", "POSTAL_CODE", "1010 Wien"),
        ("ZIP 62704", "POSTAL_CODE", "62704"),
        ("PLZ 10115", "DE_PLZ", "10115"),
        ("postal code: SW1A 1AA", "POSTAL_CODE", "SW1A 1AA"),
        ("born in Springfield, IL 62704 and", "POSTAL_CODE", "Springfield, IL 62704"),
        ("K1A 0B6", "CA_POSTAL_CODE", "K1A 0B6"),
        ("1012 AB Amsterdam", "POSTAL_CODE", "1012 AB Amsterdam"),
        ("Anschrift: 88131 Lindau", "POSTAL_CODE", "88131 Lindau"),
        ("at -33.8688, 151.2093 now", "COORDINATES", "-33.8688, 151.2093"),
        ("lat: 48.2, lng: 16.4", "COORDINATES", "48.2"),
        ("{\"latitude\": -33.86, \"longitude\": 151.2}", "COORDINATES", "-33.86"),
        ("48°12'30\"N 16°22'21\"E", "COORDINATES", "48°12'30\"N 16°22'21\"E"),
        ("51.5007° N, 0.1246° W", "COORDINATES", "51.5007° N, 0.1246° W"),
        ("geo:-33.86,151.2", "COORDINATES", "-33.86,151.2"),
        ("1600 Pennsylvania Avenue NW", "STREET_ADDRESS", "1600 Pennsylvania Avenue NW"),
        ("350 8th Street SE", "STREET_ADDRESS", "350 8th Street SE"),
        ("Unit 4/27 Harbour Street", "STREET_ADDRESS", "Unit 4/27 Harbour Street"),
        ("Flat 3, 12 High Street", "STREET_ADDRESS", "Flat 3, 12 High Street"),
        ("P.O. Box 123", "STREET_ADDRESS", "P.O. Box 123"),
        ("username: maralind", "USERNAME", "maralind"),
        ("login=jsmith from=192.0.2.7", "USERNAME", "jsmith"),
        ("password: \"correcthorse\"", "PASSWORD", "correcthorse"),
        ("password: \"#abc4pir!x\"", "PASSWORD", "#abc4pir!x"),
        ("pass: t4pir-Lamp!9", "PASSWORD", "t4pir-Lamp!9"),
        ("Authorization: Basic bWFyYTp0NHBpci1MYW1wITk=", "PASSWORD", "bWFyYTp0NHBpci1MYW1wITk="),
        ("curl -u mara:t4pir-Lamp https://example.org/", "PASSWORD", "mara:t4pir-Lamp"),
        ("手机号：13812345678", "PHONE_NUMBER", "13812345678"),
        ("联系电话是13812345678。", "PHONE_NUMBER", "13812345678"),
        ("マイナンバー：123456789018", "JP_MY_NUMBER", "123456789018"),
        ("주민등록번호는 9001011234568", "KR_RRN", "9001011234568"),
        ("身份证号：11010519491231002X", "CN_RIC", "11010519491231002X"),
    ];
    for (text, entity, value) in cases {
        let found = found(text);
        assert!(found.iter().any(|(e, v)| e == entity && v == value), "{text}: {found:?}");
    }
}

#[test]
fn what_only_looks_like_somebody_is_left_alone() {
    let cases = [
        // Tables of code points and collation weights.
        "54FE 54FF 5500 5501 5502 5503 5504 5505",
        "784E 784F 7850 7853 7854 7855 7856 7857",
        "016B ; [.2217.0022.0002] # LATIN SMALL LETTER U",
        // Sections, versions, and addresses of no host.
        "// 2.2.3.8 shared_ptr specialised algorithms",
        "listen on 127.0.0.1 or 0.0.0.0, mask 255.255.255.0",
        // Labels inside names, and flags behind words that are labels elsewhere.
        "\\fB\\-\\-enable\\-secret\\-manager\\-rotation=1\\fR",
        "--authorizer-token-secret-version=projects/9/x",
        "a.pass_(sys.argv[3])",
        "\\fB--password=\\fR\\fB\\fIpassword\\fR",
        "allow to pass -DEXPECTED_JPEG_LIB_VERSION=62",
        "#define SSL_OP_NO_EXTENDED_MASTER_SECRET SSL_OP_BIT(0)",
        "CK_OBJECT_HANDLE PK11_CopyKey(slot);",
        "Handle -Wshorten-64-to-32 warnings",
        "an unauthenticated user (CVE-2025-32433)",
        "proxies = {'foo.bar:4012': 1}",
        "pub const ETH_P_DNA_DL: u32 = 24577;",
        "account 000000000",
        // Capitals of licences and products.
        "INCLUDING, BUT NOT LIMITED TO, THE",
        "mouse:usb:v046dp4041:name:Logitech MX Master:*",
        "accepted by MS IE and the Backup and DR Service",
        // Numbered headings.
        "10. Connection Close",
        // Versions and object identifiers are no addresses.
        "From linux-2.6.35.9/include",
        "the server runs version 9.4.2.251 from source",
        "extension OID 2.5.29.35 of the server",
        "1.3.6.1.4.1.311",
        // Licences and the names of characters are no companies.
        "INCLUDING BUT NOT LIMITED",
        "3055;HIRAGANA LETTER SA;Lo;0",
        "///  5.2.1.13  Incomplete elliptic integral",
        // Points of drawings.
        "M10.078125,11.421875 Q8.140625,11.421875 6.9375,9.9375 Q5.734375,8.46875",
        // Inside other words.
        "(JiaHerr Tee) and for Param : a valid MME MIC",
        "\"DownLeftVectorBar\" => 10582,",
        "fork and knife with plate\n1F37D",
        "the functionality identified by the value 0b0010.",
        "let secret = vec![42u8; n];",
        "#define A_C_20000000",
        "12345678912345679_f64",
        "fn has(user: usize, resource: usize)",
        // Words that are labels elsewhere.
        "Pass x=5a&y to it",
        "Data bag with secret PKCS-12 keys",
        "a privacy-policy-20040205 page",
        "specified by the user.\n  uint32_t NameIndex;",
        "username: String,\nuser = None\nuser: root\nuser = get_user()\nlogin: true",
        "password: \"required\"",
        // Measures are no ages and no years.
        "cache-control: max-age=60",
        "turn 90 degrees",
        "keys in 2048 bits",
        "#define BUF2HEXSTR 0",
        // Years and counts before a capitalised word are no postcodes.
        "12345 Einwohner",
        // Repositories.
        "clone git@github.com:larkfield/tools.git",
    ];
    for text in cases {
        assert_eq!(found(text), [], "{text}");
    }
    let place = [("LOCATION".to_owned(), "Frankfurt am Main".to_owned())];
    assert_eq!(found("it was 1793 Frankfurt am Main"), place);
}

#[test]
fn a_url_gives_way_to_what_is_sure_inside_it() {
    let url = "https://example.org/?email=a.b@example.org&ssn=536-22-8726";
    let all = [
        ("URL", "https://example.org/?email="),
        ("EMAIL_ADDRESS", "a.b@example.org"),
        ("US_SSN", "536-22-8726"),
    ];
    assert_eq!(found(url), all.map(|(entity, value)| (entity.to_owned(), value.to_owned())));
    // Dates, and what is only likely, are part of a path; a host stays whole.
    for whole in [
        "https://example.org/2024-03-09/news",
        "https://example.org/a/020-7946-0958",
        "http://192.0.2.44:8080/a",
    ] {
        assert_eq!(found(whole), [("URL".to_owned(), whole.to_owned())]);
    }
}

#[test]
fn a_row_of_labels_longer_than_a_domain_name_is_none() {
    assert_eq!(found(&".com".repeat(200)), []);
    assert_eq!(found("see www.example.com."), [("URL".to_owned(), "www.example.com".to_owned())]);
}

#[test]
fn no_type_is_found_twice_in_one_place() {
    let options = Options { overlaps: Overlaps::All, threshold: 0.0, ..Options::default() };
    let detector = Detector::new(options).expect("valid options");
    let samples = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples"));
    for sample in samples.expect("they lie beside the crates") {
        let path = sample.expect("the folder can be read").path();
        let text = std::fs::read(&path).expect("a sample can be read");
        let found = detector.detect_bytes(&text);
        let mut places: Vec<_> = found.iter().map(|f| (f.start, f.end, f.entity)).collect();
        places.sort_unstable();
        places.dedup();
        assert_eq!(places.len(), found.len(), "{}", path.display());
    }
}

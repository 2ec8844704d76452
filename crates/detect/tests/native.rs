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
        // Repositories.
        "clone git@github.com:larkfield/tools.git",
    ];
    for text in cases {
        assert_eq!(found(text), [], "{text}");
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

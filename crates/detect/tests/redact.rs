//! Redaction and restoration from the outside.

use proptest::prelude::*;
use tacita_detect::{
    Detector, EntityId, Finding, Options, recognizers,
    redact::{
        Change, Key, KeyError, Operator, OperatorKind, Policy, PolicyError, Redacted, Redactor, Restorer,
        Vault, VaultError, restore,
    },
};

const NAMES: [&str; 11] = [
    "PERSON",
    "LOCATION",
    "US_SSN",
    "DATE_TIME",
    "Own type-1",
    "CREDIT_CARD",
    "IBAN_CODE",
    "EMAIL_ADDRESS",
    "URL",
    "PHONE_NUMBER",
    "IP_ADDRESS",
];

fn key() -> Key {
    Key::from_bytes(&[7; 32]).expect("32 bytes are a key")
}

/// Counts, so that a failing test fails again.
fn counting() -> impl FnMut(&mut [u8]) + Send + 'static {
    let mut state = 0_u64;
    move |bytes: &mut [u8]| {
        for chunk in bytes.chunks_mut(8) {
            state += 1;
            chunk.copy_from_slice(&state.to_le_bytes()[..chunk.len()]);
        }
    }
}

fn redactor(policy: Policy) -> Redactor {
    Redactor::new(policy, &key(), Vault::new("tests"), counting()).expect("the policy is valid")
}

fn name(entity: EntityId) -> &'static str {
    NAMES[usize::from(entity.number())]
}

fn found(entity: u16, start: usize, end: usize) -> Finding {
    Finding { entity: EntityId::from_number(entity), start, end, score: 0.5 }
}

/// Every place of every word in `text`.
fn words(entity: u16, text: &str, words: &[&str]) -> Vec<Finding> {
    let places =
        words.iter().flat_map(|word| text.match_indices(word).map(|(at, word)| (at, at + word.len())));
    places.map(|(start, end)| found(entity, start, end)).collect()
}

fn redact(redactor: &mut Redactor, text: &str, findings: &[Finding]) -> Redacted {
    redactor.redact(text, findings, name).expect("the findings lie in the text")
}

fn redact_once(operator: Operator, entity: u16, text: &str) -> String {
    redact(&mut redactor(Policy::all(operator)), text, &[found(entity, 0, text.len())]).text
}

#[test]
fn placeholders_number_values_over_all_texts_of_a_scope() {
    let mut redactor = redactor(Policy::default());
    let first = "Mara met Joren, and Joren met Mara.";
    let redacted = redact(&mut redactor, first, &words(0, first, &["Mara", "Joren"]));
    assert_eq!(redacted.text, "[PERSON_001] met [PERSON_002], and [PERSON_002] met [PERSON_001].");
    let second = "Ilse and Joren in Oslo";
    let mut findings = words(0, second, &["Ilse", "Joren"]);
    findings.extend(words(1, second, &["Oslo"]));
    let redacted = redact(&mut redactor, second, &findings);
    assert_eq!(redacted.text, "[PERSON_003] and [PERSON_002] in [LOCATION_001]");

    let item = &redacted.items[2];
    assert_eq!(&redacted.text[item.start..item.end], "[LOCATION_001]");
    assert_eq!(&second[item.original.clone()], "Oslo");
    assert_eq!((item.entity.number(), item.operator), (1, OperatorKind::Placeholder));

    // What a model made of it.
    let answer = "In [LOCATION_001] lives [PERSON_003], [PERSON_003] not [PERSON_009]. [PERSON_01]";
    let restored = restore(answer, redactor.vault(), &key());
    assert_eq!(restored.text, "In Oslo lives Ilse, Ilse not [PERSON_009]. [PERSON_01]");
    assert_eq!((restored.known, restored.unknown), (3, 1));
}

#[test]
fn scope_goes_on_where_a_sealed_vault_ended() {
    let mut before = redactor(Policy::default());
    redact(&mut before, "Mara", &[found(0, 0, 4)]);
    let sealed = before.vault().seal(&key(), &mut counting());

    let vault = Vault::open(&sealed, &key()).expect("the key is right");
    assert_eq!((vault.scope(), vault.len()), ("tests", 1));
    let mut after = Redactor::new(Policy::default(), &key(), vault, counting()).expect("the policy is valid");
    let redacted = redact(&mut after, "Ilse, Mara", &[found(0, 0, 4), found(0, 6, 10)]);
    assert_eq!(redacted.text, "[PERSON_002], [PERSON_001]");
}

#[test]
fn text_that_looks_like_a_token_comes_back_as_it_was() {
    let mut redactor = redactor(Policy::default());
    let first = "Mara wrote [PERSON_001] and [PERSON_002]";
    let one = redact(&mut redactor, first, &words(0, first, &["Mara"]));
    assert_eq!(one.text, "[PERSON_001] wrote [LITERAL_001] and [LITERAL_002]");
    let second = "Joren saw [PERSON_001]";
    let two = redact(&mut redactor, second, &words(0, second, &["Joren"]));
    assert_eq!(two.text, "[PERSON_002] saw [LITERAL_001]");
    // Redacting twice is undone by restoring twice.
    let again = redact(&mut redactor, &two.text, &[]);
    for (redacted, text) in [(&one.text, first), (&two.text, second), (&again.text, two.text.as_str())] {
        assert_eq!(restore(redacted, redactor.vault(), &key()).text, text);
    }
}

#[test]
fn token_that_arises_across_a_replacement_is_escaped_and_items_follow() {
    let mut policy = Policy::default();
    policy.entities.insert("LOCATION".to_owned(), Operator::Replace { with: Some("001".to_owned()) });
    let mut redactor = redactor(policy);
    let text = "Mara [PERSON_Oslo] Mara";
    let mut findings = words(0, text, &["Mara"]);
    findings.extend(words(1, text, &["Oslo"]));
    let redacted = redact(&mut redactor, text, &findings);
    assert_eq!(redacted.text, "[PERSON_001] [LITERAL_001] [PERSON_001]");
    let places: Vec<&str> = redacted.items.iter().map(|item| &redacted.text[item.start..item.end]).collect();
    assert_eq!(places, ["[PERSON_001]", "[LITERAL_001]", "[PERSON_001]"]);
    assert_eq!(restore(&redacted.text, redactor.vault(), &key()).text, "Mara [PERSON_001] Mara");
}

#[test]
fn irreversible_policy_leaves_look_alikes_alone() {
    let text = "[PERSON_001] is Mara";
    let redacted = redact(&mut redactor(Policy::all(Operator::Redact)), text, &words(0, text, &["Mara"]));
    assert_eq!(redacted.text, "[PERSON_001] is ");
}

#[test]
fn masks_count_characters() {
    let mask = |count, from_end| Operator::Mask { character: '#', count, from_end };
    assert_eq!(redact_once(Operator::MASK, 0, "Zoë"), "***");
    assert_eq!(redact_once(mask(Some(2), false), 0, "Zoë-Ann"), "##ë-Ann");
    assert_eq!(redact_once(mask(Some(5), true), 0, "Zoë-Ann"), "Zo#####");
    assert_eq!(redact_once(mask(Some(99), true), 0, "Zoë"), "###");
    assert_eq!(redact_once(mask(Some(0), true), 0, "Zoë"), "Zoë");
}

#[test]
fn replace_redact_and_keep_do_so() {
    assert_eq!(redact_once(Operator::Replace { with: None }, 1, "Oslo"), "<LOCATION>");
    assert_eq!(redact_once(Operator::Replace { with: Some("somewhere".to_owned()) }, 1, "Oslo"), "somewhere");
    assert_eq!(redact_once(Operator::Redact, 1, "Oslo"), "");
    assert_eq!(redact_once(Operator::Keep, 1, "Oslo"), "Oslo");
}

#[test]
fn hash_is_of_value_type_scope_and_key() {
    let hash = |key: &Key, scope: &str, entity: u16, value: &str| {
        let policy = Policy::all(Operator::Hash);
        let mut redactor =
            Redactor::new(policy, key, Vault::new(scope), counting()).expect("the policy is valid");
        redact(&mut redactor, value, &[found(entity, 0, value.len())]).text
    };
    let other = Key::from_bytes(&[8; 32]).expect("32 bytes are a key");
    let token = hash(&key(), "a", 0, "Mara");
    assert_eq!(token, hash(&key(), "a", 0, "Mara"));
    assert!(token.starts_with("[PERSON#") && token.len() == 35, "{token}");
    let bodies = [
        token,
        hash(&other, "a", 0, "Mara"),
        hash(&key(), "b", 0, "Mara"),
        hash(&key(), "a", 1, "Mara"),
        hash(&key(), "a", 0, "mara"),
    ]
    .map(|token| token.split_once('#').expect("a hash has its mark").1.to_owned());
    for (i, body) in bodies.iter().enumerate() {
        assert!(!bodies[..i].contains(body));
    }
}

#[test]
fn encryption_is_bound_to_type_and_key() {
    let token = redact_once(Operator::Encrypt, 0, "Mara");
    let empty = Vault::new("another scope");
    assert_eq!(restore(&token, &empty, &key()).text, "Mara");
    let moved = token.replace("PERSON", "LOCATION");
    assert_eq!(restore(&moved, &empty, &key()).text, moved);
    let other = Key::from_bytes(&[8; 32]).expect("32 bytes are a key");
    assert_eq!(restore(&token, &empty, &other).unknown, 1);
}

#[test]
fn long_values_are_encrypted_in_pieces() {
    let value = "é".repeat(10_000);
    let tokens = redact_once(Operator::Encrypt, 0, &value);
    assert_eq!(tokens.matches('[').count(), 5);
    assert_eq!(restore(&tokens, &Vault::new(""), &key()).text, value);
}

#[test]
fn findings_outside_the_text_are_refused() {
    let mut redactor = redactor(Policy::default());
    for (start, end) in [(0, 99), (2, 1), (1, 2)] {
        let error = redactor.redact("é", &[found(0, start, end)], name).expect_err("not in the text");
        assert_eq!((error.start, error.end), (start, end));
    }
}

#[test]
fn vault_tells_what_is_wrong() {
    let vault = Vault::new("scope");
    let sealed = vault.seal(&key(), &mut counting());
    let other = Key::from_bytes(&[8; 32]).expect("32 bytes are a key");
    let open = |sealed: &[u8], key: &Key| Vault::open(sealed, key).map(|_| ()).expect_err("it does not open");
    assert_eq!(open(&sealed, &other), VaultError::WrongKey);
    assert_eq!(open(b"", &key()), VaultError::NotAVault);
    assert_eq!(open(&[b'x'; 200], &key()), VaultError::NotAVault);
    assert_eq!(open(&sealed[..sealed.len() - 1], &key()), VaultError::Damaged);
    assert!(matches!(Vault::unlock(&sealed, "three small words"), Err(VaultError::NeedsKey)));
    let mut newer = sealed.clone();
    newer[8] = 2;
    assert_eq!(open(&newer, &key()), VaultError::Version(2));
    for at in 9..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert!(Vault::open(&changed, &key()).is_err(), "byte {at}");
    }
}

#[test]
fn vault_opens_by_its_passphrase() {
    assert_eq!(Key::from_passphrase("", &mut counting()), Err(KeyError::EmptyPassphrase));
    let key = Key::from_passphrase("three small words", &mut counting()).expect("a passphrase");
    let mut redactor =
        Redactor::new(Policy::default(), &key, Vault::new("s"), counting()).expect("the policy is valid");
    let redacted = redact(&mut redactor, "Mara", &[found(0, 0, 4)]);
    let sealed = redactor.vault().seal(&key, &mut counting());
    assert!(!sealed.windows(4).any(|bytes| bytes == b"Mara"));

    let (vault, unlocked) = Vault::unlock(&sealed, "three small words").expect("the passphrase is right");
    assert_eq!(unlocked, key);
    assert_eq!(restore(&redacted.text, &vault, &unlocked).text, "Mara");
    let wrong = Vault::unlock(&sealed, "three other words").map(|_| ());
    assert_eq!(wrong, Err(VaultError::WrongKey));
    assert_eq!(Vault::open(&sealed, &self::key()).map(|_| ()), Err(VaultError::NeedsPassphrase));
    // A file must not make its reader work for hours.
    let mut costly = sealed;
    costly[12..16].copy_from_slice(&u32::MAX.to_le_bytes());
    let refused = Vault::unlock(&costly, "three small words").map(|_| ());
    assert_eq!(refused, Err(VaultError::Passphrase(KeyError::Cost)));
}

/// Computed with Python's `cryptography` 50 from the description of the format.
#[test]
fn formats_are_those_that_others_compute() {
    let by_key = "5441434954415654010000000000000000000000000000000000000000000000000000000000000065d19e6f7536c580\
         2ae63479775d8b73000102030405060708090a0bd4859366fef03549f62d5b54a4cd3b564300ccf76accbc0660ddc881\
         6945a2846059fdb4344815c287c9df69aba0a2e45035567a8ab2f0dd5fd2e3c3596e26d06b5e44d9";
    let by_passphrase = "544143495441565401010000000001000300000001000000000102030405060708090a0b0c0d0e0ff6a250a5d9852477\
         0a4dd33dc34db806000102030405060708090a0bbab21e8912cfbb5e9ea80ad16e9ce412fdf4efd19675d0e3f95aa0c9\
         9535c29d3e33e9591bc6926088fa5da847e3bfccf50ceba5158b55ac914958bf5267c476ebdf8b76";
    let bytes =
        |hex: &str| data_encoding::HEXLOWER.decode(hex.as_bytes()).expect("the vector is hexadecimal");

    let vault = Vault::open(&bytes(by_key), &key()).expect("the key is right");
    assert_eq!((vault.scope(), vault.len()), ("letters", 1));
    let sealed_token = "[PERSON:AAECAwQFBgcICQoL2BSXy2OtANrOyi0K5cUbpW4Umn4twFqSdg]";
    assert_eq!(restore(&format!("[PERSON_001] {sealed_token}"), &vault, &key()).text, "Mara Lind Mara Lind");
    let policy = Policy::all(Operator::Hash);
    let mut redactor = Redactor::new(policy, &key(), vault, counting()).expect("the policy is valid");
    let hashed = redact(&mut redactor, "Mara Lind", &[found(0, 0, 9)]);
    assert_eq!(hashed.text, "[PERSON#2dxoa7feqekjjzdk5jjnjg4y6e]");

    let (vault, key) =
        Vault::unlock(&bytes(by_passphrase), "three small words").expect("the passphrase is right");
    assert_eq!(restore("[PERSON_001]", &vault, &key).text, "Mara Lind");
}

#[test]
fn written_keys_are_read() {
    let hex = key().to_hex();
    assert_eq!(Key::from_hex(&format!(" {}\n", hex.to_uppercase())), Ok(key()));
    assert_eq!(Key::from_hex("07"), Err(KeyError::Length(1)));
    assert_eq!(Key::from_hex("no key"), Err(KeyError::Hex));
    assert_eq!(Key::from_bytes(&[0; 31]), Err(KeyError::Length(31)));
}

#[test]
fn nothing_prints_values_or_keys() {
    let mut redactor = redactor(Policy::default());
    let redacted = redact(&mut redactor, "Canary", &[found(0, 0, 6)]);
    let restored = restore(&redacted.text, redactor.vault(), &key());
    let mut restorer = Restorer::new(redactor.vault(), &key());
    restorer.push("Canary [PERSON", &mut String::new());
    let printed =
        format!("{redactor:?} {redacted:?} {restored:?} {restorer:?} {:?} {:?}", redactor.vault(), key());
    assert!(!printed.contains("Canary") && !printed.contains("7, 7"), "{printed}");
}

#[test]
fn policies_are_read_and_written() {
    let toml = r##"
        default = "hash"
        [entities]
        PERSON = { operator = "replace", with = "someone" }
        US_SSN = { operator = "mask", character = "#", count = 5, from_end = true }
        DATE_TIME = { operator = "shift_date", max_days = 30 }
        URL = "keep"
    "##;
    let policy: Policy = toml::from_str(toml).expect("the policy is valid");
    assert_eq!(policy.operator("anything"), &Operator::Hash);
    assert_eq!(policy.operator("DATE_TIME"), &Operator::ShiftDate { max_days: 30, day_first: false });
    let json = serde_json::to_string(&policy).expect("a policy can be written");
    assert_eq!(serde_json::from_str::<Policy>(&json).expect("what was written can be read"), policy);
    for kind in OperatorKind::ALL {
        assert_eq!(kind.name().parse::<Operator>().map(|operator| operator.kind()), Ok(kind));
    }
}

#[test]
fn bad_policies_say_what_is_wrong() {
    for (json, reason) in [
        (r#"{"default":"mark"}"#, "unknown operator `mark`"),
        (r#"{"default":{"operator":"hash","count":2}}"#, "`hash` has no setting `count`"),
        (r#"{"default":{"operator":"replace","with":"[PERSON_001]"}}"#, "form of a placeholder"),
        (r#"{"default":{"operator":"shift_date","max_days":0}}"#, "`max_days` is 0"),
        (r#"{"default":{"operator":"mask","chars":4}}"#, "unknown field `chars`"),
        (r#"{"default":5}"#, "expected the name of an operator"),
        (r#"{"defaults":"hash"}"#, "unknown field `defaults`"),
    ] {
        let error = serde_json::from_str::<Policy>(json).expect_err(json).to_string();
        assert!(error.contains(reason), "{error}");
    }
    let policy = Policy::all(Operator::ShiftDate { max_days: 0, day_first: false });
    assert_eq!(
        Redactor::new(policy, &key(), Vault::new(""), counting()).map(|_| ()),
        Err(PolicyError::NoShift)
    );
}

#[test]
fn surrogates_are_found_as_what_they_stand_for() {
    let detector = Detector::new(Options::default()).expect("the default options are valid");
    let name = |entity| detector.entity_name(entity);
    let mut redactor = redactor(Policy::all(Operator::Surrogate));
    let (mut total, mut lost) = (0, Vec::new());
    // A name becomes letters that nobody is called.
    let names = ["PERSON", "LOCATION", "ORGANIZATION", "NRP"];
    for recognizer in recognizers().iter().filter(|recognizer| !names.contains(&recognizer.entity)) {
        let findings = detector.detect(recognizer.example);
        let redacted =
            redactor.redact(recognizer.example, &findings, name).expect("the findings lie in the text");
        let again = detector.detect(&redacted.text);
        total += redacted.items.len();
        for item in &redacted.items {
            let same = |found: &&Finding| {
                (found.entity, found.start, found.end) == (item.entity, item.start, item.end)
            };
            if !again.iter().any(|found| same(&found)) {
                lost.push(format!("{} {:?} -> {:?}", name(item.entity), recognizer.example, redacted.text));
            }
        }
    }
    // What is recognised by its words, such as a street, becomes other words.
    assert!(lost.len() * 10 < total, "{} of {total} lost:\n{}", lost.len(), lost.join("\n"));
}

/// Texts full of what tokens are made of.
fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-zé漢 \\[\\]_:#0-9A-Z]{0,8}",
        2 => prop::sample::select(vec!["[PERSON_001]", "[PERSON_", "001]", "[LITERAL_001]", "[LOCATION_002]", "Mara", "[", "]", "_"])
            .prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

/// A text with findings that overlap and touch as they like.
fn found_texts() -> impl Strategy<Value = (String, Vec<Finding>)> {
    texts().prop_flat_map(|text| {
        let edges: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let place = (0..edges.len(), 0..edges.len(), 0..11_u16, 0.0..1.0_f32).prop_map(
            move |(a, b, entity, score)| {
                let (start, end) = (edges[a.min(b)], edges[a.max(b)]);
                Finding { entity: EntityId::from_number(entity), start, end, score }
            },
        );
        (Just(text), prop::collection::vec(place, 0..8))
    })
}

fn reversible() -> impl Strategy<Value = Policy> {
    let operator = || {
        let choices = [Operator::Placeholder, Operator::Hash, Operator::Encrypt, Operator::Keep];
        prop::sample::select(choices.to_vec())
    };
    (prop::collection::vec(operator(), NAMES.len())).prop_map(|operators| {
        let entities = NAMES.iter().map(|&name| name.to_owned()).zip(operators).collect();
        Policy { default: Operator::Placeholder, entities }
    })
}

proptest! {
    #[test]
    fn restoring_undoes_redacting(policy in reversible(), texts in prop::collection::vec(found_texts(), 1..4)) {
        let mut redactor = redactor(policy);
        let redacted: Vec<String> =
            texts.iter().map(|(text, findings)| redact(&mut redactor, text, findings).text).collect();
        let sealed = redactor.vault().seal(&key(), &mut counting());
        let vault = Vault::open(&sealed, &key()).expect("the key is right");
        for ((text, _), redacted) in texts.iter().zip(&redacted) {
            prop_assert_eq!(&restore(redacted, &vault, &key()).text, text);
        }
        // Tokens mean the same wherever they are put.
        let joined = redacted.iter().rev().fold(String::new(), |joined, text| joined + text + "\n");
        let expected = texts.iter().rev().fold(String::new(), |joined, (text, _)| joined + text + "\n");
        prop_assert_eq!(restore(&joined, &vault, &key()).text, expected);
    }

    #[test]
    fn restoring_in_pieces_is_restoring_the_whole(
        policy in reversible(), (text, findings) in found_texts(), cuts in prop::collection::vec(0..200_usize, 0..20),
    ) {
        let mut redactor = redactor(policy);
        let redacted = redact(&mut redactor, &text, &findings).text;
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| redacted.floor_char_boundary(cut)).collect();
        cuts.push(redacted.len());
        cuts.sort_unstable();
        let mut restorer = Restorer::new(redactor.vault(), &key());
        let (mut out, mut done) = (String::new(), 0);
        for cut in cuts {
            restorer.push(&redacted[done..cut], &mut out);
            done = cut;
        }
        restorer.finish(&mut out);
        prop_assert_eq!(out, text);
    }

    #[test]
    fn every_operator_keeps_the_text_around_and_covers_what_was_found(
        kinds in prop::collection::vec(prop::sample::select(OperatorKind::ALL.to_vec()), NAMES.len()),
        (text, findings) in found_texts(),
    ) {
        let operators = kinds.iter().map(|kind| kind.name().parse().expect("every operator has a name"));
        let entities = NAMES.iter().map(|&name| name.to_owned()).zip(operators).collect();
        let mut redactor = redactor(Policy { default: Operator::Redact, entities });
        let redacted = redact(&mut redactor, &text, &findings);
        let mut covered = vec![false; text.len()];
        let mut end = 0;
        for item in &redacted.items {
            prop_assert!(item.start >= end.min(item.start) && redacted.text.get(item.start..item.end).is_some());
            prop_assert!(item.original.start >= end && !item.original.is_empty());
            end = item.original.end;
            covered[item.original.clone()].fill(true);
        }
        let mut rebuilt = String::new();
        let mut done = 0;
        for change in &redacted.changes {
            rebuilt.push_str(&text[done..change.original.start]);
            prop_assert_eq!(change.new.start, rebuilt.len());
            rebuilt.push_str(&redacted.text[change.new.clone()]);
            done = change.original.end;
        }
        rebuilt.push_str(&text[done..]);
        prop_assert_eq!(&rebuilt, &redacted.text);
        for item in &redacted.items {
            let holds = |change: &&Change| change.new == (item.start..item.end)
                && change.original.start <= item.original.start && item.original.end <= change.original.end;
            prop_assert_eq!(redacted.changes.iter().filter(holds).count(), 1);
        }
        for finding in &findings {
            prop_assert!(covered[finding.start..finding.end].iter().all(|&covered| covered));
        }
    }

    #[test]
    fn restoring_what_nobody_redacted_changes_nothing(text in texts()) {
        prop_assert_eq!(restore(&text, &Vault::new(""), &key()).text, text);
    }

    #[test]
    fn opening_any_bytes_fails_or_gives_what_was_sealed(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(Vault::open(&bytes, &key()).is_err());
        let mut headed = b"TACITAVT\x01\x00".to_vec();
        headed.extend(bytes);
        prop_assert!(Vault::open(&headed, &key()).is_err());
    }
}

//! Records, kept and given out.

use axum::http::Method;
use serde_json::json;

use crate::keeping::{Keeping, field, record};

const MARA: &str = "mara.lind@example.org";

#[tokio::test]
async fn what_was_kept_is_given_out_unchanged() {
    let server = Keeping::new();
    let house = server.house("First").await;
    // Numbers and order are the sender's: what is kept is the text, not what a parser makes of it.
    let payload = r#"{"z":1.10,"a":"Call +44 20 7946 0958","b":[null,1e3]}"#;
    let kept = server.keep(&house.service, MARA, "support", payload).await;
    assert_eq!(kept.status, 201);
    assert_eq!(field(&kept, "findings"), json!({"PHONE_NUMBER": 1}));
    let path = format!("/api/v1/records/{}", field(&kept, "id").as_str().unwrap());
    let read = server.get(&path, &house.service).await;
    assert_eq!(read.status, 200, "{read:?}");
    assert!(read.body.contains(&format!(r#""payload":{payload}"#)), "{}", read.body);
    assert_eq!(field(&read, "subject"), field(&kept, "subject"));
    assert_eq!(field(&read, "version"), 1);
}

#[tokio::test]
async fn spellings_of_an_address_are_one_data_subject() {
    let server = Keeping::new();
    let house = server.house("First").await;
    let first = server.keep(&house.service, MARA, "support", "{}").await;
    let second = server.keep(&house.service, " Mara.Lind@Example.org", "support", "{}").await;
    let other = server.keep(&house.service, "jo.berg@example.org", "support", "{}").await;
    assert_eq!(field(&first, "subject"), field(&second, "subject"));
    assert_ne!(field(&first, "subject"), field(&other, "subject"));

    let subject = field(&first, "subject").as_str().unwrap().to_owned();
    let path = format!("/api/v1/records?subject={subject}&purpose=support");
    let page = server.get(&path, &house.service).await.json();
    let ids: Vec<_> = page["records"].as_array().unwrap().iter().map(|record| record["id"].clone()).collect();
    assert_eq!(ids, [field(&first, "id"), field(&second, "id")]);
    assert!(page.get("next").is_none());
}

#[tokio::test]
async fn two_requests_that_make_somebody_at_once_make_one() {
    let server = Keeping::new();
    let house = server.house("First").await;
    let keep = || server.keep(&house.service, MARA, "support", "{}");
    let (first, second, third) = tokio::join!(keep(), keep(), keep());
    for answer in [&first, &second, &third] {
        assert_eq!(answer.status, 201, "{answer:?}");
        assert_eq!(field(answer, "subject"), field(&first, "subject"));
    }
}

#[tokio::test]
async fn a_correction_keeps_what_was_said_before_and_refuses_a_stale_one() {
    let server = Keeping::new();
    let house = server.house("First").await;
    let path = server.kept(&house.service, MARA, r#"{"city":"Lund"}"#).await;
    let correct = |version: u32, city: &str| {
        let body = format!(r#"{{"version":{version},"payload":{{"city":"{city}"}}}}"#);
        server.send(Method::PATCH, &path, &house.service, body)
    };
    assert_eq!(correct(1, "Malmö").await.status, 200);
    assert_eq!(correct(1, "Ystad").await.problem().0, "conflict");
    let read = server.get(&path, &house.service).await.json();
    assert_eq!((&read["version"], &read["payload"]), (&json!(2), &json!({"city": "Malmö"})));
    let history = server.get(&format!("{path}/history"), &house.service).await.json();
    assert_eq!(history["versions"][0]["payload"], json!({"city": "Lund"}));
    assert_eq!(history["versions"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_restricted_record_is_kept_and_not_given_out() {
    let server = Keeping::new();
    let house = server.house("First").await;
    let path = server.kept(&house.service, MARA, "{}").await;
    let restrict =
        |on: bool| server.send(Method::PATCH, &path, &house.service, format!(r#"{{"restricted":{on}}}"#));
    assert_eq!(restrict(true).await.status, 200);
    assert_eq!(server.get(&path, &house.service).await.problem().0, "refused");
    let body = r#"{"version":1,"payload":{}}"#;
    assert_eq!(server.send(Method::PATCH, &path, &house.service, body).await.problem().0, "refused");
    assert_eq!(restrict(false).await.status, 200);
    assert_eq!(server.get(&path, &house.service).await.status, 200);
}

#[tokio::test]
async fn what_was_deleted_is_gone() {
    let server = Keeping::new();
    let house = server.house("First").await;
    let path = server.kept(&house.service, MARA, "{}").await;
    let body = r#"{"version":1,"payload":{"a":1}}"#;
    assert_eq!(server.send(Method::PATCH, &path, &house.service, body).await.status, 200);
    assert_eq!(server.send(Method::DELETE, &path, &house.service, "").await.status, 200);
    for path in [path.clone(), format!("{path}/history")] {
        assert_eq!(server.get(&path, &house.service).await.problem().0, "not-found");
    }
    assert_eq!(server.send(Method::DELETE, &path, &house.service, "").await.problem().0, "not-found");
}

#[tokio::test]
async fn each_record_of_a_batch_is_kept_or_refused_by_itself() {
    let server = Keeping::new();
    let house = server.house("First").await;
    let records = [
        record(MARA, "support", r#"{"n":1}"#),
        record(MARA, "ads", "{}"),
        record("nobody", "support", "{}"),
        record("jo.berg@example.org", "support", r#"{"n":4}"#),
        record(MARA, "NOT A PURPOSE", "{}"),
    ];
    let body = format!(r#"{{"records":[{}]}}"#, records.join(","));
    let answer = server.send(Method::POST, "/api/v1/records/batch", &house.service, body).await;
    let results = answer.json()["results"].clone();
    assert_eq!(results[1]["type"], "/problems/refused");
    assert_eq!(results[2]["type"], "/problems/invalid-request");
    assert_eq!(results[4]["type"], "/problems/invalid-request");
    assert!(!results[2]["detail"].as_str().unwrap().contains("nobody"));
    for (place, n) in [(0, 1), (3, 4)] {
        let path = format!("/api/v1/records/{}", results[place]["id"].as_str().unwrap());
        assert_eq!(server.get(&path, &house.service).await.json()["payload"], json!({"n": n}));
    }

    let many = vec![record(MARA, "support", "{}"); 1001].join(",");
    let body = format!(r#"{{"records":[{many}]}}"#);
    let answer = server.send(Method::POST, "/api/v1/records/batch", &house.service, body).await;
    assert_eq!(answer.problem().0, "invalid-request");
}

#[tokio::test]
async fn a_list_has_pages() {
    let server = Keeping::new();
    let house = server.house("First").await;
    let many: Vec<_> = (0..150).map(|n| record(MARA, "support", &n.to_string())).collect();
    let body = format!(r#"{{"records":[{}]}}"#, many.join(","));
    let answer = server.send(Method::POST, "/api/v1/records/batch", &house.service, body).await.json();
    let subject = answer["results"][0]["subject"].as_str().unwrap();
    let (mut path, mut seen) = (format!("/api/v1/records?subject={subject}&purpose=support"), Vec::new());
    loop {
        let page = server.get(&path, &house.service).await.json();
        seen.extend(page["records"].as_array().unwrap().iter().map(|record| record["id"].to_string()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/v1/records?subject={subject}&purpose=support&after={next}");
    }
    let all: Vec<_> =
        answer["results"].as_array().unwrap().iter().map(|record| record["id"].to_string()).collect();
    let mut sorted = all.clone();
    sorted.sort();
    assert_eq!(seen, sorted);
}

#[tokio::test]
async fn nothing_is_kept_without_a_lawful_basis() {
    let server = Keeping::new();
    let house = server.house("First").await;
    server.purpose(&house, "ads", "consent", "personal", true).await;
    server.purpose(&house, "old", "contract", "personal", false).await;
    for (purpose, why) in [("ads", "consent"), ("old", "switched off"), ("unheard-of", "no such purpose")] {
        let (kind, status, detail) = server.keep(&house.service, MARA, purpose, "{}").await.problem();
        assert_eq!((kind.as_str(), status), ("refused", 403));
        assert!(detail.contains(why), "{detail}");
    }
    let path = server.kept(&house.service, MARA, "{}").await;
    server.purpose(&house, "support", "contract", "personal", false).await;
    assert_eq!(server.get(&path, &house.service).await.problem().0, "refused");
}

/// Otherwise whoever names such a purpose could read what is kept, and leave a count.
#[tokio::test]
async fn a_purpose_that_leaves_no_account_leads_to_nothing_that_is_kept() {
    let server = Keeping::new();
    let house = server.house("First").await;
    let path = server.kept(&house.service, MARA, "{}").await;
    let subject = server.get(&path, &house.service).await.json()["subject"].as_str().unwrap().to_owned();
    for class in ["session", "aggregate"] {
        server.purpose(&house, class, "contract", class, true).await;
        for answer in [
            server.get(&format!("{path}?purpose={class}"), &house.service).await,
            server.get(&format!("/api/v1/records?subject={subject}&purpose={class}"), &house.service).await,
            server.keep(&house.service, MARA, class, "{}").await,
        ] {
            let (kind, _, detail) = answer.problem();
            assert_eq!(kind, "refused");
            assert!(detail.contains(class), "{detail}");
        }
    }
}

#[tokio::test]
async fn the_purpose_of_audits_is_not_changed() {
    let server = Keeping::new();
    let house = server.house("First").await;
    let body = r#"{"basis":"contract","class":"session","enabled":false}"#;
    let answer = server.send(Method::PUT, "/api/v1/purposes/audit", &house.officer, body).await;
    assert_eq!(answer.problem().0, "invalid-request");
}

#[tokio::test]
async fn somebody_unknown_is_not_related() {
    let server = Keeping::new();
    let house = server.house("First").await;
    let body = format!(
        r#"{{"subject":{{"email":"{MARA}"}},"related":["01990a1e-7c3a-7b52-8e0f-3f6f2b9d5a10"],"kind":"ticket","purpose":"support","payload":{{}}}}"#
    );
    let (kind, _, detail) =
        server.send(Method::POST, "/api/v1/records", &house.service, body).await.problem();
    assert_eq!(kind, "invalid-request");
    assert!(detail.contains("related"), "{detail}");
}

#[tokio::test]
async fn letters_that_are_written_as_numbers_are_letters() {
    let server = Keeping::new();
    let house = server.house("First").await;
    let kept = server.keep(&house.service, MARA, "support", r#"{"a":"mara.lind\u0040example.org"}"#).await;
    assert_eq!(field(&kept, "findings"), json!({"EMAIL_ADDRESS": 1}));
}

#[tokio::test]
async fn answers_are_not_kept_on_the_way() {
    let server = Keeping::new();
    let house = server.house("First").await;
    let path = server.kept(&house.service, MARA, "{}").await;
    assert_eq!(server.get(&path, &house.service).await.headers["cache-control"], "no-store");
}

#[tokio::test]
async fn problems_quote_no_value() {
    let server = Keeping::new();
    let house = server.house("First").await;
    for body in [
        record("CANARY", "support", "{}"),
        r#"{"subject":{"id":"CANARY"},"kind":"ticket","purpose":"support","payload":{}}"#.to_owned(),
        r#"{"subject":{"email":"a@example.org"},"kind":"CANARY","purpose":"support","payload":{}}"#.to_owned(),
        r#"{"subject":{"email":"a@example.org"},"kind":"ticket","purpose":"CANARY","payload":{}}"#.to_owned(),
        r#"{"subject":{"email":"a@example.org"},"related":["CANARY"],"kind":"ticket","purpose":"support","payload":{}}"#
            .to_owned(),
        r#"{"subject":{"email":"a@example.org","phone":"CANARY"},"kind":"t","purpose":"support","payload":{}}"#
            .to_owned(),
    ] {
        let (kind, _, detail) =
            server.send(Method::POST, "/api/v1/records", &house.service, body).await.problem();
        assert_eq!(kind, "invalid-request");
        assert!(!detail.contains("CANARY"), "{detail}");
    }
}

#[tokio::test]
async fn nothing_lies_readable_in_the_folder() {
    let server = Keeping::new();
    let house = server.house("First").await;
    let path =
        server.kept(&house.service, "canary.address@example.org", r#"{"a":"canary-of-the-payload"}"#).await;
    let body = r#"{"version":1,"payload":{"a":"canary-of-the-correction"}}"#;
    assert_eq!(server.send(Method::PATCH, &path, &house.service, body).await.status, 200);
    let mut read = 0;
    for file in std::fs::read_dir(server.data.path().join("data")).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        read += bytes.len();
        for canary in ["canary", "ticket", "CREATE TABLE", &house.service] {
            assert!(memchr::memmem::find(&bytes, canary.as_bytes()).is_none(), "{canary}");
        }
    }
    assert!(read > 100_000, "the databases are there: {read}");
}

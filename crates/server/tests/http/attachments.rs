//! Files of records.

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use serde_json::json;

use crate::{
    client::Answer,
    keeping::{House, Keeping, field},
};

const MARA: &str = "mara.lind@example.org";

/// Sends a form with the part `part`, as a browser does.
async fn upload(server: &Keeping, path: &str, token: &str, part: &str, bytes: &[u8]) -> Answer {
    let mut body = format!("--edge\r\nContent-Disposition: form-data; {part}\r\n\r\n").into_bytes();
    body.extend_from_slice(bytes);
    body.extend_from_slice(b"\r\n--edge--\r\n");
    let request = Request::post(path)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge");
    server.client.send(request.body(Body::from(body)).unwrap()).await
}

/// A record with a file of these bytes: the paths of both.
async fn attached(server: &Keeping, house: &House, bytes: &[u8]) -> (String, String) {
    let record = server.kept(&house.service, MARA, "{}").await;
    let part = "name=\"file\"; filename=\"Mara Lind – letter.txt\"\r\nContent-Type: text/plain";
    let added = upload(server, &format!("{record}/attachments"), &house.service, part, bytes).await;
    assert_eq!(added.status, 201, "{added:?}");
    let path = added.headers[header::LOCATION].to_str().unwrap().to_owned();
    (record, path)
}

/// The sealed files in the folder.
fn files(server: &Keeping) -> Vec<Vec<u8>> {
    let Ok(folders) = std::fs::read_dir(server.data.path().join("data/files")) else { return Vec::new() };
    folders
        .flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap())
        .map(|file| std::fs::read(file.unwrap().path()).unwrap())
        .collect()
}

#[tokio::test]
async fn a_file_is_given_out_as_it_was_added_and_lies_sealed() {
    let server = Keeping::new();
    let house = server.house("First").await;
    let bytes = b"canary-in-the-file\r\n".repeat(10_000);
    let (record, path) = attached(&server, &house, &bytes).await;
    let list = server.get(&format!("{record}/attachments"), &house.service).await.json();
    assert_eq!(list["attachments"][0]["name"], "Mara Lind – letter.txt");
    assert_eq!(list["attachments"][0]["media_type"], "text/plain");
    assert_eq!(list["attachments"][0]["size"], json!(bytes.len()));

    let read = server.get(&path, &house.service).await;
    assert_eq!(read.status, 200);
    assert_eq!(read.body.as_bytes(), bytes);
    assert_eq!(read.media(), "text/plain");
    let name = read.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
    assert_eq!(name, "attachment; filename*=UTF-8''Mara%20Lind%20%E2%80%93%20letter.txt");
    assert_eq!(read.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");

    let [file] = <[Vec<u8>; 1]>::try_from(files(&server)).unwrap();
    assert!(file.len() > bytes.len() && memchr::memmem::find(&file, b"canary").is_none());
}

#[tokio::test]
async fn a_deleted_record_takes_its_files_along() {
    let server = Keeping::new();
    let house = server.house("First").await;
    let (record, path) = attached(&server, &house, b"x").await;
    assert_eq!(files(&server).len(), 1);
    assert_eq!(server.send(Method::DELETE, &record, &house.service, "").await.status, 200);
    assert_eq!(files(&server).len(), 0);
    assert_eq!(server.get(&path, &house.service).await.problem().0, "not-found");
}

#[tokio::test]
async fn what_is_refused_leaves_no_file() {
    let server = Keeping::new();
    let house = server.house("First").await;
    let record = server.kept(&house.service, MARA, "{}").await;
    let path = format!("{record}/attachments");
    let file = "name=\"file\"; filename=\"a.txt\"";
    let restrict = server.send(Method::PATCH, &record, &house.service, r#"{"restricted":true}"#).await;
    assert_eq!(restrict.status, 200);
    assert_eq!(upload(&server, &path, &house.service, file, b"x").await.problem().0, "refused");
    assert_eq!(upload(&server, &path, &house.auditor, file, b"x").await.problem().0, "refused");
    let nobody = "/api/v1/records/01990a1e-7c3a-7b52-8e0f-3f6f2b9d5a10/attachments";
    assert_eq!(upload(&server, nobody, &house.service, file, b"x").await.problem().0, "not-found");
    for part in ["name=\"other\"; filename=\"CANARY\"", "name=\"file\"; filename=\"\""] {
        let (kind, _, detail) = upload(&server, &path, &house.service, part, b"x").await.problem();
        assert_eq!(kind, "invalid-request", "{part}");
        assert!(!detail.contains("CANARY"));
    }
    let json = server.send(Method::POST, &path, &house.service, "{}").await;
    assert_eq!(json.problem().0, "unsupported-media-type");
    assert_eq!(files(&server).len(), 0);
}

#[tokio::test]
async fn another_organisation_sees_no_file() {
    let server = Keeping::new();
    let (first, second) = (server.house("First").await, server.house("Second").await);
    let (record, path) = attached(&server, &first, b"x").await;
    for path in [&path, &format!("{record}/attachments")] {
        assert_eq!(server.get(path, &second.officer).await.problem().0, "not-found");
        assert_eq!(server.get(path, &first.auditor).await.problem().0, "refused");
    }
}

#[tokio::test]
async fn a_file_that_was_changed_or_exchanged_is_not_given_out() {
    let server = Keeping::new();
    let house = server.house("First").await;
    let (_, path) = attached(&server, &house, b"first").await;
    let (_, other) = attached(&server, &house, b"other").await;
    let folder = server.data.path().join("data/files").join(house.organisation.to_string());
    let [this, that] = [&path, &other].map(|path| folder.join(path.rsplit('/').next().unwrap()));
    std::fs::copy(&that, &this).unwrap();
    assert_eq!(server.get(&path, &house.service).await.problem().0, "unavailable");
    assert_eq!(server.get(&other, &house.service).await.body, "other");
    std::fs::remove_file(&this).unwrap();
    assert_eq!(server.get(&path, &house.service).await.problem().0, "unavailable");
}

#[tokio::test]
async fn a_record_has_so_many_files_and_no_more() {
    let server = Keeping::new();
    let house = server.house("First").await;
    let (record, _) = attached(&server, &house, b"0").await;
    let path = format!("{record}/attachments");
    let file = "name=\"file\"; filename=\"a.txt\"";
    for n in 1..100 {
        assert_eq!(upload(&server, &path, &house.service, file, b"x").await.status, 201, "{n}");
    }
    assert_eq!(upload(&server, &path, &house.service, file, b"x").await.problem().0, "invalid-request");
    assert_eq!(files(&server).len(), 100);
    let list = server.get(&path, &house.service).await;
    assert_eq!(field(&list, "attachments").as_array().unwrap().len(), 100);
}

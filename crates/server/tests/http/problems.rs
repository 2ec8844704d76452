//! What every route refuses, and how.

use axum::{
    body::{Body, Bytes},
    http::{Method, Request, StatusCode, header},
};
use http_body_util::StreamBody;
use hyper::body::Frame;
use tacita_server::Limits;

use crate::client::Client;

const PATH: &str = "/api/v1/detect";

#[tokio::test]
async fn malformed_json_names_its_place() {
    let (kind, status, detail) = Client::new().post(PATH, "{\"text\":\n \"a\",}").await.problem();
    assert_eq!((kind.as_str(), status), ("malformed-json", 400));
    assert!(detail.contains("line 2, column 6"), "{detail}");
}

#[tokio::test]
async fn bytes_that_are_no_text_are_malformed() {
    let (kind, ..) = Client::new().post(PATH, &b"{\"text\":\"\xff\"}"[..]).await.problem();
    assert_eq!(kind, "malformed-json");
}

#[tokio::test]
async fn another_media_type_is_refused() {
    for media in [None, Some("text/plain")] {
        let mut request = Request::post(PATH);
        if let Some(media) = media {
            request = request.header(header::CONTENT_TYPE, media);
        }
        let (kind, status, _) = Client::new().send(request.body("{}".into()).unwrap()).await.problem();
        assert_eq!((kind.as_str(), status), ("unsupported-media-type", 415));
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_whether_it_says_so_or_not() {
    let client = Client::of(Limits { body: 20, ..Limits::default() });
    assert_eq!(client.post(PATH, r#"{"text":"12345678"}"#).await.status, StatusCode::OK);
    let body = r#"{"text":"123456789012"}"#;
    let announced = client.post(PATH, body).await;
    let streamed = StreamBody::new(in_pieces([&body[..10], &body[10..]]));
    let streamed = client.post(PATH, Body::new(streamed)).await;
    for answer in [announced, streamed] {
        let (kind, status, detail) = answer.problem();
        assert_eq!((kind.as_str(), status), ("body-too-large", 413));
        assert!(detail.contains("20 bytes"), "{detail}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_stops_coming_is_refused() {
    let body = StreamBody::new(never());
    let (kind, status, _) = Client::new().post(PATH, Body::new(body)).await.problem();
    assert_eq!((kind.as_str(), status), ("body-timeout", 408));
}

#[tokio::test]
async fn unknown_paths_and_methods_are_refused() {
    let client = Client::new();
    let (kind, status, _) = client.get("/nope").await.problem();
    assert_eq!((kind.as_str(), status), ("not-found", 404));
    let (kind, status, _) = client.get("/problems/nope").await.problem();
    assert_eq!((kind.as_str(), status), ("not-found", 404));
    let answer = client.method(Method::DELETE, PATH).await;
    assert_eq!(answer.headers[header::ALLOW], "POST");
    let (kind, status, _) = answer.problem();
    assert_eq!((kind.as_str(), status), ("method-not-allowed", 405));
}

#[tokio::test]
async fn the_type_of_a_problem_leads_to_its_meaning() {
    let client = Client::new();
    let problem = client.post(PATH, "{").await.json();
    let answer = client.get(problem["type"].as_str().unwrap()).await;
    assert_eq!(answer.body, "The body is not valid JSON (HTTP status 400).\n");
}

#[tokio::test]
async fn a_problem_and_an_answer_carry_the_callers_trace() {
    for body in ["{", r#"{"text":"a"}"#] {
        let request = Request::post(PATH)
            .header(header::CONTENT_TYPE, "application/json")
            .header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        let answer = Client::new().send(request.body(body.into()).unwrap()).await;
        let traceparent = answer.headers["traceparent"].to_str().unwrap();
        assert!(traceparent.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"));
        if body == "{" {
            assert_eq!(answer.json()["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736");
        }
    }
}

fn in_pieces<'a>(
    pieces: impl IntoIterator<Item = &'a str>,
) -> impl futures_util::Stream<Item = Result<Frame<Bytes>, std::io::Error>> {
    let frames: Vec<_> =
        pieces.into_iter().map(|piece| Ok(Frame::data(Bytes::copy_from_slice(piece.as_bytes())))).collect();
    futures_util::stream::iter(frames)
}

fn never() -> impl futures_util::Stream<Item = Result<Frame<Bytes>, std::io::Error>> {
    futures_util::stream::pending()
}

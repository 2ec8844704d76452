//! `cargo xtask bench http`: requests per second of short texts, beside a bare axum handler in the same run.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it talks to the developer's terminal")]

use std::{
    error::Error,
    net::{Ipv4Addr, SocketAddr, TcpListener as StdListener},
    num::NonZeroUsize,
    thread,
    time::{Duration, Instant},
};

use axum::{Router, routing::post};
use tacita_server::Config;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    runtime::{Builder, Runtime},
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const CONNECTIONS: usize = 16;
const TEXT_BYTES: usize = 85;
const WARM_UP: Duration = Duration::from_secs(1);
const MEASURED: Duration = Duration::from_secs(5);

fn main() -> Result<()> {
    println!(
        "{CONNECTIONS} connections kept alive, {TEXT_BYTES}-byte texts, one thread each for server and clients\n"
    );
    println!("{:24}{:>12}{:>10}{:>10}", "", "requests/s", "p50 ms", "p99 ms");
    let requests = requests();
    let bare = measure("bare axum handler", serve_bare()?, &requests)?;
    let ours = measure("POST /api/v1/detect", serve_ours()?, &requests)?;
    println!("\n{:.2} of the bare handler's requests", ours / bare);
    Ok(())
}

/// Starts the server on a thread of its own.
fn serve_ours() -> Result<SocketAddr> {
    let config = Config { listen: free_address()?, workers: NonZeroUsize::MIN, ..Config::default() };
    let listen = config.listen;
    thread::spawn(move || {
        if let Err(error) = tacita_server::run(&config) {
            eprintln!("error: {error}");
        }
    });
    Ok(listen)
}

/// Starts a handler that does nothing on a thread of its own.
fn serve_bare() -> Result<SocketAddr> {
    let listen = free_address()?;
    let router = Router::new().route("/api/v1/detect", post(async || r#"{"findings":[]}"#));
    let runtime = runtime()?;
    thread::spawn(move || {
        runtime.block_on(async {
            let listener = TcpListener::bind(listen).await?;
            axum::serve(listener, router).await
        })
    });
    Ok(listen)
}

fn free_address() -> Result<SocketAddr> {
    Ok(StdListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

fn runtime() -> Result<Runtime> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}

/// Asks `server` as fast as it answers; prints and returns its requests per second.
fn measure(name: &str, server: SocketAddr, requests: &[Vec<u8>]) -> Result<f64> {
    let mut latencies = runtime()?.block_on(async {
        wait_for(server).await?;
        let clients = (0..CONNECTIONS).map(|i| client(server, requests, i * requests.len() / CONNECTIONS));
        let latencies = futures_util::future::try_join_all(clients).await?;
        Ok::<_, Box<dyn Error>>(latencies.concat())
    })?;
    latencies.sort_unstable();
    let rate = latencies.len() as f64 / MEASURED.as_secs_f64();
    let percentile = |percent: usize| latencies[latencies.len() * percent / 100].as_secs_f64() * 1e3;
    println!("{name:24}{rate:>12.0}{:>10.3}{:>10.3}", percentile(50), percentile(99));
    Ok(rate)
}

async fn wait_for(server: SocketAddr) -> Result<()> {
    for _ in 0..100 {
        if TcpStream::connect(server).await.is_ok() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Err(format!("the server at {server} did not start").into())
}

/// One connection: the time of every answer after the warm-up.
async fn client(server: SocketAddr, requests: &[Vec<u8>], first: usize) -> Result<Vec<Duration>> {
    let mut stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    let started = Instant::now();
    let mut latencies = Vec::with_capacity(100_000);
    let mut answer = Vec::with_capacity(4096);
    for request in requests.iter().cycle().skip(first) {
        let asked = Instant::now();
        stream.write_all(request).await?;
        read_answer(&mut stream, &mut answer).await?;
        let now = Instant::now();
        match now - started {
            since if since >= WARM_UP + MEASURED => break,
            since if since >= WARM_UP => latencies.push(now - asked),
            _ => {}
        }
    }
    Ok(latencies)
}

/// Reads one answer, head and body, and checks that it is one.
async fn read_answer(stream: &mut TcpStream, answer: &mut Vec<u8>) -> Result<()> {
    answer.clear();
    loop {
        if stream.read_buf(answer).await? == 0 {
            return Err("the server closed the connection".into());
        }
        let Some(head) = answer.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let text = str::from_utf8(&answer[..head])?;
        if !text.starts_with("HTTP/1.1 200") {
            return Err(format!("the server answered {text}").into());
        }
        let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.ok_or("the answer has no length")?.parse()?;
        if answer.len() >= head + 4 + length {
            return Ok(());
        }
    }
}

/// Requests whose texts differ, so that nothing is answered out of a cache. People and addresses are invented.
fn requests() -> Vec<Vec<u8>> {
    (0..1000).map(|i| request(&text(i))).collect()
}

fn text(i: usize) -> String {
    let text = match i % 5 {
        0 => format!("Please write to mara.lind{i}@example.org about order {i} before the end of the week"),
        1 => format!(
            "Her number is +1 202 555 0{:03}, she can be reached in the afternoon until five",
            i % 200
        ),
        2 => format!("The server at 192.0.2.{} has not answered since this morning, see the ticket", i % 250),
        3 => format!("We met by the river, talked for {i} minutes about the garden and went home again"),
        _ => format!("Pay into DE89 3704 0044 0532 0130 00 and name invoice {i} in the reference line"),
    };
    format!("{text:.<TEXT_BYTES$.TEXT_BYTES$}")
}

fn request(text: &str) -> Vec<u8> {
    let body = format!(r#"{{"text":"{text}"}}"#);
    let head = "POST /api/v1/detect HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ";
    format!("{head}{}\r\n\r\n{body}", body.len()).into_bytes()
}

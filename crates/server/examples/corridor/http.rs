//! The same through HTTP: connections kept alive, on the same cores as the server.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

use crate::{
    ROUND, ROUNDS, Result,
    disk::{Rate, Watch},
    house::{House, payload},
    median,
};

/// Records a second, the median of some rounds.
pub(crate) async fn rate(
    house: &Arc<House>,
    server: SocketAddr,
    callers: usize,
    batch: usize,
) -> Result<Rate> {
    let mut rates = Vec::new();
    for _ in 0..ROUNDS {
        let (watch, kept) = (Watch::start(), Arc::new(AtomicUsize::new(0)));
        let started = watch.started;
        let mut tasks = JoinSet::new();
        for _ in 0..callers {
            let (house, kept) = (Arc::clone(house), Arc::clone(&kept));
            tasks.spawn(async move {
                let mut stream = TcpStream::connect(server).await?;
                stream.set_nodelay(true)?;
                while started.elapsed() < ROUND {
                    stream.write_all(&request(&house, batch)).await?;
                    read_answer(&mut stream).await?;
                    kept.fetch_add(batch, Ordering::Relaxed);
                }
                Ok::<_, std::io::Error>(())
            });
        }
        while let Some(task) = tasks.join_next().await {
            task??;
        }
        rates.push(watch.stop(kept.load(Ordering::Relaxed)));
    }
    Ok(median(rates))
}

fn request(house: &House, batch: usize) -> Vec<u8> {
    let record = || {
        let number = house.next();
        format!(
            r#"{{"subject":{{"id":"{}"}},"kind":"ticket","purpose":"support","payload":{}}}"#,
            house.somebody(number),
            payload(number)
        )
    };
    let (path, body) = if batch == 1 {
        ("/api/v1/records", record())
    } else {
        let records: Vec<_> = (0..batch).map(|_| record()).collect();
        ("/api/v1/records/batch", format!(r#"{{"records":[{}]}}"#, records.join(",")))
    };
    let token = house.token.as_str();
    format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Reads one answer, head and body, and checks that everything was kept.
async fn read_answer(stream: &mut TcpStream) -> std::io::Result<()> {
    let mut answer = Vec::with_capacity(4096);
    let other = |what: String| std::io::Error::other(what);
    loop {
        if stream.read_buf(&mut answer).await? == 0 {
            return Err(other("the server closed the connection".to_owned()));
        }
        let Some(head) = answer.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let text = String::from_utf8_lossy(&answer[..head]).into_owned();
        if !text.starts_with("HTTP/1.1 20") {
            return Err(other(format!("the server answered {}", String::from_utf8_lossy(&answer))));
        }
        let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.and_then(|length| length.parse().ok()).unwrap_or_default();
        let end = head + 4 + length;
        while answer.len() < end {
            if stream.read_buf(&mut answer).await? == 0 {
                return Err(other("the server closed the connection".to_owned()));
            }
        }
        let refused = answer.windows(9).any(|window| window == b"\"detail\":");
        return if refused { Err(other("not everything was kept".to_owned())) } else { Ok(()) };
    }
}

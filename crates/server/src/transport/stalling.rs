//! Streams whose other end must take what is sent.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep_until},
};

/// A stream that fails once the other end has taken nothing for a while: an answer that nobody reads holds memory.
pub(super) struct Stalling<S> {
    stream: S,
    patience: Duration,
    /// When patience ends, while something waits to be taken.
    until: Pin<Box<Sleep>>,
    waits: bool,
}

impl<S> Stalling<S> {
    pub(super) fn new(stream: S, patience: Duration) -> Self {
        Self { stream, patience, until: Box::pin(sleep_until(far())), waits: false }
    }
}

impl<S: AsyncWrite + Unpin> Stalling<S> {
    /// Does `write`, and fails where it has had to wait too long.
    fn patiently<T>(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        write: impl FnOnce(Pin<&mut S>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        let this = self.get_mut();
        match write(Pin::new(&mut this.stream), context) {
            Poll::Ready(done) => {
                this.waits = false;
                Poll::Ready(done)
            }
            Poll::Pending => {
                if !this.waits {
                    this.waits = true;
                    this.until.as_mut().reset(after(this.patience));
                }
                ready!(this.until.as_mut().poll(context));
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Stalling<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Stalling<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.patiently(context, |stream, context| stream.poll_write(context, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.patiently(context, |stream, context| stream.poll_write_vectored(context, bytes))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.patiently(context, AsyncWrite::poll_flush)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.patiently(context, AsyncWrite::poll_shutdown)
    }
}

fn after(patience: Duration) -> Instant {
    Instant::now() + patience
}

/// Never, as far as a connection goes.
fn far() -> Instant {
    after(Duration::from_secs(365 * 24 * 60 * 60))
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_nobody_takes_is_given_up_and_what_somebody_takes_slowly_is_not() {
        let (ours, mut theirs) = duplex(10);
        let mut ours = Stalling::new(ours, Duration::from_secs(30));
        ours.write_all(&[0; 10]).await.unwrap();
        // Ten bytes every 20 seconds.
        let slow = tokio::spawn(async move {
            for _ in 0..5 {
                tokio::time::sleep(Duration::from_secs(20)).await;
                theirs.read_exact(&mut [0; 10]).await.unwrap();
            }
            theirs
        });
        ours.write_all(&[0; 50]).await.unwrap();
        let _theirs = slow.await.unwrap();
        assert_eq!(ours.write_all(&[0; 11]).await.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }
}

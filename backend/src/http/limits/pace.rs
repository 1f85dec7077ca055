//! A body that comes too slowly is broken off: a connection and its memory are not to be held for
//! hours by a byte now and then.

use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::{Buf as _, Bytes};
use http_body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep};

/// What every body may take, however short.
const GRACE: Duration = Duration::from_secs(15);
/// How fast it must come beyond that: a weak mobile network is faster.
const MIN_BYTES_PER_SECOND: u64 = 4 * 1024;

/// The same body, which fails once it is too slow.
pub(super) fn paced(body: Body) -> Body {
    if body.is_end_stream() {
        return body;
    }
    Body::new(Paced {
        body,
        began: Instant::now(),
        bytes: 0,
        late: Box::pin(tokio::time::sleep(GRACE)),
    })
}

struct Paced {
    body: Body,
    began: Instant,
    bytes: u64,
    late: Pin<Box<Sleep>>,
}

impl HttpBody for Paced {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &frame {
            self.bytes += frame.data_ref().map_or(0, |data| data.remaining() as u64);
        }
        if frame.is_pending() {
            self.poll_late(cx)
        } else {
            frame
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Paced {
    fn poll_late(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let due = self.began + GRACE + Duration::from_secs(self.bytes / MIN_BYTES_PER_SECOND);
        if self.late.deadline() != due {
            self.late.as_mut().reset(due);
        }
        self.late.as_mut().poll(cx).map(|()| {
            let why = std::io::Error::new(std::io::ErrorKind::TimedOut, "the body came too slowly");
            Some(Err(axum::Error::new(why)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::to_bytes;
    use futures_util::{StreamExt as _, stream};

    fn body(pieces: usize, pause: Duration) -> Body {
        let pieces = stream::iter(0..pieces).then(move |_| async move {
            tokio::time::sleep(pause).await;
            Ok::<_, std::io::Error>(Bytes::from_static(&[b'x'; 4096]))
        });
        paced(Body::from_stream(pieces))
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_body_is_broken_off_and_a_steady_one_is_not() {
        let steady = to_bytes(body(100, Duration::from_millis(900)), usize::MAX).await;
        assert_eq!(steady.expect("whole").len(), 409_600);
        let began = Instant::now();
        let slow = to_bytes(body(1_000, Duration::from_secs(5)), usize::MAX).await;
        assert!(slow.is_err());
        assert!(began.elapsed() < GRACE * 2, "{:?}", began.elapsed());
        let silent = paced(Body::from_stream(stream::pending::<
            Result<Bytes, std::io::Error>,
        >()));
        assert!(to_bytes(silent, usize::MAX).await.is_err());
    }
}

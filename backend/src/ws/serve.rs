//! The accept loop of the HTTP server: HTTP/1.1 with bounds on heads, waiting and connections, and a
//! graceful end. It hands upgraded connections out whole, which is why it is ours.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tower::ServiceExt;

use super::addresses::{Addresses, Seat};
use super::stalling::Stalling;
use crate::config::Proxies;

/// Bounds of the accept loop.
#[derive(Clone, Debug)]
pub struct HttpLimits {
    /// Plain HTTP connections at once; more wait to be accepted. Upgraded ones do not count.
    pub connections: usize,
    /// Of these, those of one address; more are closed at once. This machine and `many` are not bound.
    pub connections_per_address: usize,
    /// Proxies: each stands for many clients.
    pub many: Proxies,
    /// How long a client may take over a request's head, or keep an idle connection.
    pub header_read_timeout: Duration,
    /// The most header lines of a request.
    pub headers: usize,
    /// The longest head, in bytes, and the read buffer of a connection.
    pub buffer_bytes: usize,
    /// How long a client may take nothing of an answer.
    pub write_stall: Duration,
    /// How long requests under way may take to end after the shutdown began.
    pub shutdown_grace: Duration,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            connections: 4096,
            connections_per_address: 256,
            many: Proxies::default(),
            header_read_timeout: Duration::from_secs(15),
            headers: 64,
            buffer_bytes: 32 * 1024,
            write_stall: Duration::from_secs(30),
            shutdown_grace: Duration::from_secs(10),
        }
    }
}

/// How long to wait after the system refused to accept (it is out of descriptors, mostly).
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Serves `app` until `shutdown` resolves, then lets requests under way end. Handlers find the client's
/// address as `ConnectInfo<SocketAddr>`.
pub async fn serve(
    listener: TcpListener,
    app: Router,
    limits: HttpLimits,
    shutdown: impl Future<Output = ()>,
) {
    let permits = Arc::new(Semaphore::new(limits.connections));
    let addresses = Addresses::new(limits.connections_per_address);
    let (ending, ended) = watch::channel(false);
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_read_timeout)
        .max_headers(limits.headers)
        .max_buf_size(limits.buffer_bytes);
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            accepted = accept(&listener, &permits) => accepted,
        };
        if let Some((stream, peer, permit)) = accepted
            && let Some(seat) = seat(&addresses, peer, &limits)
        {
            let stream = Stalling::new(stream, limits.write_stall);
            let connection = serve_one(builder.clone(), stream, peer, app.clone(), ended.clone());
            tokio::spawn(async move {
                connection.await;
                drop((permit, seat));
            });
        }
    }
    drop(listener);
    ending.send_replace(true);
    let all = limits.connections.try_into().unwrap_or(u32::MAX);
    if tokio::time::timeout(limits.shutdown_grace, permits.acquire_many(all))
        .await
        .is_err()
    {
        tracing::warn!("some requests did not end in time and were dropped");
    }
}

type Accepted = (TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit);

async fn accept(listener: &TcpListener, permits: &Arc<Semaphore>) -> Option<Accepted> {
    let permit = Arc::clone(permits).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => {
            // Without it small frames would wait for the answer to the last one; a failure costs only
            // time.
            let _ = stream.set_nodelay(true);
            Some((stream, peer, permit))
        }
        Err(error) => {
            tracing::warn!(%error, "cannot accept a connection");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

/// A place for one more connection of `peer`: outer `None` when it has too many, inner when it is not
/// bound.
#[allow(clippy::option_option)]
fn seat(addresses: &Addresses, peer: SocketAddr, limits: &HttpLimits) -> Option<Option<Seat>> {
    let address = peer.ip().to_canonical();
    if address.is_loopback() || limits.many.contain(address) {
        return Some(None);
    }
    let seat = addresses.seat(peer);
    if seat.is_none() {
        metrics::counter!("gridlamp_connections_refused_total").increment(1);
    }
    seat.map(Some)
}

async fn serve_one(
    builder: http1::Builder,
    stream: Stalling,
    peer: SocketAddr,
    app: Router,
    mut ending: watch::Receiver<bool>,
) {
    let service = service_fn(move |request: Request<Incoming>| answer(app.clone(), peer, request));
    let connection = builder
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let result = tokio::select! {
        result = connection.as_mut() => result,
        () = begun(&mut ending) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        tracing::debug!(%error, %peer, "a connection ended early");
    }
}

/// Resolves when the shutdown begins.
async fn begun(ending: &mut watch::Receiver<bool>) {
    // An error means that the accept loop is gone, which is an end as well.
    let _ = ending.wait_for(|ending| *ending).await;
}

async fn answer(
    app: Router,
    peer: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response, Infallible> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    app.oneshot(request).await
}

//! From an HTTP request to a bare socket: checks the websocket handshake, answers 101 and takes the TCP
//! stream back from the HTTP server. Who may listen is decided by the handler before it calls this.

use std::future::Future;
use std::net::TcpStream;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use http::header::{
    CONNECTION, HeaderName, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL,
    SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Version};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use hyper_util::server::conn::auto;

use super::stalling::Stalling;

/// The subprotocol a live client must offer.
pub const SUBPROTOCOL: &str = "gridlamp.v1";

/// Why a request is no handshake of ours; answered with 400.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HandshakeError {
    /// Not a GET of HTTP/1.1 with `Connection: Upgrade` and `Upgrade: websocket`.
    #[error("this address speaks websocket only: ask by GET over HTTP/1.1 with Upgrade: websocket")]
    NotWebsocket,
    /// Another version than 13.
    #[error("only version 13 of the websocket protocol is spoken here")]
    Version,
    /// The key is missing or not 16 bytes in base64.
    #[error("Sec-WebSocket-Key is missing or not 16 bytes in base64")]
    Key,
    /// `gridlamp.v1` is not among the subprotocols offered.
    #[error("offer the subprotocol gridlamp.v1")]
    Subprotocol,
    /// The HTTP server cannot hand its connection over.
    #[error("this connection cannot be upgraded")]
    Unavailable,
}

impl HandshakeError {
    /// A stable name for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotWebsocket => "websocket_expected",
            Self::Version => "websocket_version",
            Self::Key => "websocket_key",
            Self::Subprotocol => "websocket_subprotocol",
            Self::Unavailable => "websocket_unavailable",
        }
    }
}

impl IntoResponse for HandshakeError {
    fn into_response(self) -> Response {
        let version = [(SEC_WEBSOCKET_VERSION, "13")];
        (StatusCode::BAD_REQUEST, version, self.to_string()).into_response()
    }
}

/// A connection taken out of the HTTP server's hands.
#[derive(Debug)]
pub struct Handover {
    /// The bare socket; it does not block.
    pub socket: TcpStream,
    /// What was read from it already, beyond the request.
    pub leftover: Bytes,
}

/// Answers a websocket handshake. `then` is run with the bare socket once the answer is out; it is dropped
/// unrun, and noted at debug level, if the client leaves before.
pub fn accept<B, F, Then>(request: &mut Request<B>, then: F) -> Result<Response, HandshakeError>
where
    F: FnOnce(Handover) -> Then + Send + 'static,
    Then: Future<Output = ()> + Send,
{
    let answer = answer(request)?;
    let upgrade = request
        .extensions_mut()
        .remove::<OnUpgrade>()
        .ok_or(HandshakeError::Unavailable)?;
    tokio::spawn(async move {
        match upgrade
            .await
            .map_err(anyhow::Error::from)
            .and_then(take_socket)
        {
            Ok(handover) => then(handover).await,
            Err(error) => tracing::debug!(%error, "a live client left during its handshake"),
        }
    });
    Ok(answer)
}

/// Checks the handshake and builds the answer to it, for those who take the connection themselves.
pub fn answer<B>(request: &Request<B>) -> Result<Response, HandshakeError> {
    let headers = request.headers();
    let asks = request.method() == Method::GET
        && request.version() == Version::HTTP_11
        && lists(headers, &CONNECTION, |item| {
            item.eq_ignore_ascii_case("upgrade")
        })
        && lists(headers, &UPGRADE, |item| {
            item.eq_ignore_ascii_case("websocket")
        });
    if !asks {
        return Err(HandshakeError::NotWebsocket);
    }
    if headers
        .get(SEC_WEBSOCKET_VERSION)
        .is_none_or(|version| version != "13")
    {
        return Err(HandshakeError::Version);
    }
    let key = headers.get(SEC_WEBSOCKET_KEY).ok_or(HandshakeError::Key)?;
    if !is_key(key) {
        return Err(HandshakeError::Key);
    }
    if !lists(headers, &SEC_WEBSOCKET_PROTOCOL, |item| item == SUBPROTOCOL) {
        return Err(HandshakeError::Subprotocol);
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let out = response.headers_mut();
    out.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    out.insert(UPGRADE, HeaderValue::from_static("websocket"));
    out.insert(
        SEC_WEBSOCKET_PROTOCOL,
        HeaderValue::from_static(SUBPROTOCOL),
    );
    let accept = tungstenite::handshake::derive_accept_key(key.as_bytes());
    out.insert(
        SEC_WEBSOCKET_ACCEPT,
        HeaderValue::try_from(accept).map_err(|_| HandshakeError::Key)?,
    );
    Ok(response)
}

/// Whether a header, over all its lines, lists an item like that.
fn lists(headers: &HeaderMap, name: &HeaderName, like: impl Fn(&str) -> bool) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .any(|item| like(item.trim()))
}

/// 16 bytes in base64: 22 digits of which the last holds four bits, then two signs of padding.
fn is_key(key: &HeaderValue) -> bool {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD
        .decode(key.as_bytes())
        .is_ok_and(|bytes| bytes.len() == 16)
}

/// Unpacks the TCP stream, from our own accept loop or from that of `axum::serve`.
fn take_socket(upgraded: Upgraded) -> anyhow::Result<Handover> {
    let (stream, leftover) = match upgraded.downcast::<TokioIo<Stalling>>() {
        Ok(parts) => (parts.io.into_inner().into_inner(), parts.read_buf),
        Err(upgraded) => {
            let parts = auto::upgrade::downcast::<TokioIo<tokio::net::TcpStream>>(upgraded)
                .map_err(|_| anyhow::anyhow!("the connection is not plain TCP"))?;
            (parts.io.into_inner(), parts.read_buf)
        }
    };
    // The HTTP server's read buffer is long; a copy lets it go.
    let leftover = BytesMut::from(&leftover[..]).freeze();
    Ok(Handover {
        socket: stream.into_std()?,
        leftover,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handshake() -> Request<()> {
        Request::builder()
            .uri("/api/v1/live?scope=330899")
            .header(CONNECTION, "keep-alive, Upgrade")
            .header(UPGRADE, "websocket")
            .header(SEC_WEBSOCKET_VERSION, "13")
            .header(SEC_WEBSOCKET_KEY, "dGhlIHNhbXBsZSBub25jZQ==")
            .header(SEC_WEBSOCKET_PROTOCOL, "chat, gridlamp.v1")
            .body(())
            .unwrap()
    }

    fn without(name: HeaderName) -> Request<()> {
        let mut request = handshake();
        request.headers_mut().remove(name);
        request
    }

    #[test]
    fn a_good_handshake_is_answered_as_the_standard_says() {
        let response = answer(&handshake()).unwrap();
        assert_eq!(response.status(), StatusCode::SWITCHING_PROTOCOLS);
        assert_eq!(
            response.headers()[SEC_WEBSOCKET_ACCEPT],
            "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        );
        assert_eq!(response.headers()[SEC_WEBSOCKET_PROTOCOL], SUBPROTOCOL);
    }

    #[test]
    fn each_missing_part_is_named() {
        assert_eq!(
            answer(&without(UPGRADE)).unwrap_err(),
            HandshakeError::NotWebsocket
        );
        assert_eq!(
            answer(&without(CONNECTION)).unwrap_err(),
            HandshakeError::NotWebsocket
        );
        assert_eq!(
            answer(&without(SEC_WEBSOCKET_VERSION)).unwrap_err(),
            HandshakeError::Version
        );
        assert_eq!(
            answer(&without(SEC_WEBSOCKET_KEY)).unwrap_err(),
            HandshakeError::Key
        );
        assert_eq!(
            answer(&without(SEC_WEBSOCKET_PROTOCOL)).unwrap_err(),
            HandshakeError::Subprotocol
        );
        let mut short = handshake();
        short
            .headers_mut()
            .insert(SEC_WEBSOCKET_KEY, HeaderValue::from_static("c2hvcnQ="));
        assert_eq!(answer(&short).unwrap_err(), HandshakeError::Key);
    }

    #[test]
    fn a_refusal_is_400_and_names_the_version() {
        let response = HandshakeError::Version.into_response();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        assert_eq!(response.headers()[SEC_WEBSOCKET_VERSION], "13");
    }
}

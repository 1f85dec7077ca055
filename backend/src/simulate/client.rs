//! The HTTP side of the simulation: JSON requests with bearer tokens, repeated patiently while
//! the server is away. What the answers mean is left to the driver.

use std::future::Future;
use std::time::Duration;

use reqwest::{Method, StatusCode, header};
use serde_json::Value;
use tokio::sync::watch;

/// The longest the simulation waits before it asks again, in seconds of life.
const LONGEST_WAIT_SECS: u64 = 15;

/// Why a request has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Halt {
    /// The simulation is asked to stop.
    #[error("模拟已停止")]
    Stopped,
    /// The server does not know this token.
    #[error("服务器不接受模拟程序的令牌（{path}），请检查演示账户的设置")]
    Unauthorized {
        /// What was asked for.
        path: String,
    },
    /// There can be no HTTP client on this machine.
    #[error("无法建立 HTTP 客户端：{0}")]
    Client(String),
}

/// An answer of the server.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The body; null if it is not JSON.
    pub body: Value,
}

/// The server's public interface.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    stop: watch::Receiver<bool>,
}

impl Client {
    /// A client of the server at `base_url`, without a trailing path.
    pub fn new(base_url: &str, stop: watch::Receiver<bool>) -> Result<Self, Halt> {
        crate::tls::ready();
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(30))
            .build()
            .map_err(|error| Halt::Client(error.to_string()))?;
        let base = format!("{}/api/v1", base_url.trim_end_matches('/'));
        Ok(Self { http, base, stop })
    }

    /// Reads `path`, which begins with a slash.
    pub async fn get(&self, path: &str, token: &str) -> Result<Reply, Halt> {
        self.send(Method::GET, path, token, None).await
    }

    /// Posts `body`; `key` makes the repetition of the same post harmless.
    pub async fn post(
        &self,
        path: &str,
        token: &str,
        key: &str,
        body: &Value,
    ) -> Result<Reply, Halt> {
        self.send(Method::POST, path, token, Some((key, body)))
            .await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        token: &str,
        content: Option<(&str, &Value)>,
    ) -> Result<Reply, Halt> {
        let mut tries = 0_u32;
        loop {
            let mut request = self
                .http
                .request(method.clone(), format!("{}{path}", self.base));
            request = request.bearer_auth(token);
            if let Some((key, body)) = content {
                request = request.header("Idempotency-Key", key).json(body);
            }
            let wait = match self.or_stop(request.send()).await? {
                Ok(response) if must_wait(response.status()) => retry_after(&response),
                Ok(response) if response.status() == StatusCode::UNAUTHORIZED => {
                    return Err(Halt::Unauthorized {
                        path: path.to_owned(),
                    });
                }
                Ok(response) => {
                    let status = response.status().as_u16();
                    let body = self.or_stop(response.json::<Value>()).await?;
                    return Ok(Reply {
                        status,
                        body: body.unwrap_or(Value::Null),
                    });
                }
                Err(error) => {
                    tracing::debug!(%error, path, "the server does not answer; trying again");
                    None
                }
            };
            tries += 1;
            let secs = wait.unwrap_or(1 << tries.min(4)).min(LONGEST_WAIT_SECS);
            self.or_stop(tokio::time::sleep(Duration::from_secs(secs)))
                .await?;
        }
    }

    /// The outcome of `work`, unless the simulation is asked to stop first.
    pub async fn or_stop<T>(&self, work: impl Future<Output = T>) -> Result<T, Halt> {
        let mut stop = self.stop.clone();
        tokio::select! {
            biased;
            // A caller that is gone can't ask any more, which is the same as asking.
            _ = stop.wait_for(|stop| *stop) => Err(Halt::Stopped),
            done = work => Ok(done),
        }
    }
}

fn must_wait(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS | StatusCode::BAD_GATEWAY
    )
}

fn retry_after(response: &reqwest::Response) -> Option<u64> {
    response
        .headers()
        .get(header::RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()
}

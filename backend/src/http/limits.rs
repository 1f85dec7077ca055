//! How much anybody may ask: by address while nobody knows who they are, by identity from then on.
//! Also what every request must be like before it is looked at: its length, its pace, its encoding.

mod address;
mod pace;

use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::state::Server;
use crate::config::{Config, Limits, Proxies, ProxyHeader, Rate};
use crate::problem::{Language, Problem};

/// Whom newcomers count as when there are too many of them.
const CROWD: IpAddr = IpAddr::V6(Ipv6Addr::UNSPECIFIED);
/// Keys remembered at most, a limit; past it those at rest are forgotten, and while that does not
/// help, newcomers share one allowance.
const MAX_KEYS: usize = 50_000;
/// How often keys at rest are forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(30);
/// The longest path and query, in bytes.
const MAX_TARGET_BYTES: usize = 4 * 1024;
/// A body announced to be longer than this is not waited for, in bytes. What is only somewhat too long
/// is told so by its handler, which keeps what it refused.
const MAX_ANNOUNCED_BYTES: u64 = 64 * 1024 * 1024;
/// The only request bodies whose handler itself refuses an encoding: it keeps what it refused.
const REPORTS: &str = "/api/v1/reports";

/// Who is limited once they have proved who they are: a sign-in, a screen or a token, by its id.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Proven<'a> {
    /// A person's sign-in, or a wall.
    Person(&'a str),
    /// A source's or a script's token.
    Token(&'a str),
}

/// Every limit of a node.
#[derive(Debug)]
pub struct Gate {
    anonymous: Allowance<IpAddr>,
    sign_in: Allowance<IpAddr>,
    wall_codes: Allowance<IpAddr>,
    person: Allowance<String>,
    token: Allowance<String>,
    uploads: Allowance<String>,
    open_reports: Allowance<IpAddr>,
    open_uploads: Allowance<IpAddr>,
    receipts: Allowance<IpAddr>,
    receipt_number: Allowance<String>,
    proxies: Proxies,
    header: ProxyHeader,
}

impl Gate {
    /// The limits of a configuration.
    pub fn new(config: &Config) -> Self {
        let limits: &Limits = &config.limits;
        Self {
            anonymous: Allowance::new(limits.anonymous, CROWD),
            sign_in: Allowance::new(limits.sign_in, CROWD),
            wall_codes: Allowance::new(limits.wall_codes, CROWD),
            person: Allowance::new(limits.person, String::new()),
            token: Allowance::new(limits.token, String::new()),
            uploads: Allowance::new(limits.uploads, String::new()),
            open_reports: Allowance::new(limits.open_reports, CROWD),
            open_uploads: Allowance::new(limits.open_uploads, CROWD),
            receipts: Allowance::new(limits.receipts, CROWD),
            receipt_number: Allowance::new(limits.receipt_number, String::new()),
            proxies: config.trusted_proxies.clone(),
            header: config.proxy_header,
        }
    }

    /// Where a request comes from: the peer, or what a trusted proxy says.
    pub fn address(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        address::of(peer, headers, &self.proxies, self.header)
    }

    /// Counts a request of somebody who proved who they are.
    ///
    /// # Errors
    /// 429 when it is one too many.
    pub fn proven(&self, proven: Proven<'_>) -> Result<(), Problem> {
        match proven {
            Proven::Person(id) => self.person.take(&id.to_owned()),
            Proven::Token(id) => self.token.take(&id.to_owned()),
        }
    }

    /// Counts a request of nobody, or of somebody whose proof did not hold.
    ///
    /// # Errors
    /// 429 when it is one too many.
    pub fn stranger(&self, address: IpAddr) -> Result<(), Problem> {
        self.anonymous.take(&network(address))
    }

    /// Counts an attachment brought in by `who`.
    ///
    /// # Errors
    /// 429 when it is one too many.
    pub fn upload(&self, who: &str) -> Result<(), Problem> {
        self.uploads.take(&who.to_owned())
    }

    /// Counts a report of nobody.
    ///
    /// # Errors
    /// 429 when it is one too many.
    pub fn open_report(&self, address: IpAddr) -> Result<(), Problem> {
        self.open_reports.take(&network(address))
    }

    /// Counts an attachment of nobody.
    ///
    /// # Errors
    /// 429 when it is one too many.
    pub fn open_upload(&self, address: IpAddr) -> Result<(), Problem> {
        self.open_uploads.take(&network(address))
    }

    /// Counts a receipt that somebody shows, before it is looked at: a right guess must not pass
    /// where a wrong one would be refused.
    ///
    /// # Errors
    /// 429 when it is one too many.
    pub fn receipt(&self, address: IpAddr) -> Result<(), Problem> {
        self.receipts.take(&network(address))
    }

    /// Counts a try at one number, from wherever: a thousand addresses guess no faster than one.
    ///
    /// # Errors
    /// 429 when it is one too many.
    pub fn receipt_number(&self, number: &str) -> Result<(), Problem> {
        self.receipt_number.take(&number.to_owned())
    }

    /// Forgets who is at rest; to be run for as long as the node is.
    pub async fn forget(&self) {
        let mut beat = tokio::time::interval(FORGET_EVERY);
        loop {
            beat.tick().await;
            self.anonymous.forget();
            self.sign_in.forget();
            self.wall_codes.forget();
            self.person.forget();
            self.token.forget();
            self.uploads.forget();
            self.open_reports.forget();
            self.open_uploads.forget();
            self.receipts.forget();
            self.receipt_number.forget();
        }
    }

    /// Counts a request to what is open to everybody.
    fn open(&self, open: Open, address: IpAddr) -> Result<(), Problem> {
        let allowance = match open {
            Open::SignIn => &self.sign_in,
            Open::WallCode => &self.wall_codes,
            Open::Any => &self.anonymous,
        };
        allowance.take(&network(address))
    }
}

/// What is open to everybody, or where a secret is tried out. The rest of the API counts its callers
/// when it has found out who they are; the app's own files are not counted: a room of screens behind
/// one address loads them at once, and they cost next to nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Open {
    SignIn,
    WallCode,
    Any,
}

impl Open {
    fn of(method: &Method, path: &str) -> Option<Self> {
        if path.starts_with("/enter/") || path == "/metrics" {
            return Some(Self::Any);
        }
        let path = path.strip_prefix("/api/v1/")?;
        let writes = !matches!(*method, Method::GET | Method::HEAD);
        match path {
            "sign-in" | "welcome" | "me/password" | "me/totp" | "me/totp/confirm" if writes => {
                Some(Self::SignIn)
            }
            "walls/codes" if writes => Some(Self::WallCode),
            "sign-in" | "walls/claim" | "doors" | "openapi.json" | "report-form" | "report-map" => {
                Some(Self::Any)
            }
            other => other.starts_with("sign-in/").then_some(Self::Any),
        }
    }
}

/// IPv6 is given out by networks: one house has more addresses than could be counted singly.
pub(super) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let prefix = u128::from(v6) & (u128::MAX << 64);
            IpAddr::V6(Ipv6Addr::from(prefix))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// One limit, with what each key has used of it.
#[derive(Debug)]
struct Allowance<K: Hash + Eq + Clone> {
    used: DefaultKeyedRateLimiter<K>,
    clock: DefaultClock,
    /// Whom newcomers count as when there are too many keys.
    crowd: K,
}

impl<K: Hash + Eq + Clone> Allowance<K> {
    fn new(rate: Rate, crowd: K) -> Self {
        let quota = Quota::per_minute(rate.per_minute).allow_burst(rate.burst);
        Self {
            used: RateLimiter::keyed(quota),
            clock: DefaultClock::default(),
            crowd,
        }
    }

    fn take(&self, key: &K) -> Result<(), Problem> {
        let key = if self.used.len() < MAX_KEYS {
            key
        } else {
            &self.crowd
        };
        self.used.check_key(key).map_err(|until| {
            let wait = until.wait_time_from(self.clock.now());
            metrics::counter!("gridlamp_rate_limited_total").increment(1);
            too_many(wait)
        })
    }

    fn forget(&self) {
        self.used.retain_recent();
        self.used.shrink_to_fit();
    }
}

fn too_many(wait: Duration) -> Problem {
    Problem {
        // Rounded up: who waits so long is let in.
        retry_after_secs: Some(wait.as_secs() + 1),
        ..Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "rate_limited",
            "请求过于频繁，请稍后再试",
            "Too many requests; wait a little and try again",
        )
    }
}

/// The outermost layer: looks at what every request must be like, finds out where it comes from
/// (handlers see that address as `ConnectInfo`), and counts what is open to everybody.
pub(super) async fn guard(
    State(server): State<Server>,
    mut request: Request,
    next: Next,
) -> Response {
    let language = Language::of(request.headers());
    let refuse = |problem: Problem| problem.in_language(language).into_response();
    if let Some(problem) = unfit(&request) {
        return closing(refuse(problem));
    }
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let Some(ConnectInfo(peer)) = peer.copied() else {
        return refuse(Problem::unavailable(1));
    };
    let address = server.gate.address(peer.ip(), request.headers());
    request
        .extensions_mut()
        .insert(ConnectInfo(SocketAddr::new(address, peer.port())));
    if let Some(open) = Open::of(request.method(), request.uri().path())
        && let Err(problem) = server.gate.open(open, address)
    {
        return refuse(problem);
    }
    // RFC 9112, 6.1: an end that is told only by chunks must not be guessed at by whoever is next.
    let chunked = request.headers().contains_key(header::TRANSFER_ENCODING);
    let response = next.run(request.map(pace::paced)).await;
    if chunked { closing(response) } else { response }
}

fn closing(mut response: Response) -> Response {
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, close);
    response
}

/// What is wrong with a request before anybody looks at what it asks for.
fn unfit(request: &Request) -> Option<Problem> {
    let headers = request.headers();
    if matches!(*request.method(), Method::TRACE | Method::CONNECT) {
        return Some(Problem::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "此地址不支持该方法",
            "This address does not take that method",
        ));
    }
    let target = request.uri().path_and_query().map_or("", |t| t.as_str());
    if target.len() > MAX_TARGET_BYTES {
        return Some(Problem::new(
            StatusCode::URI_TOO_LONG,
            "address_too_long",
            "地址过长，请缩短查询条件",
            "The address is too long; ask for less at once",
        ));
    }
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|bytes| bytes > MAX_ANNOUNCED_BYTES) {
        return Some(Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            "内容过大，请分批提交",
            "Too large; send it in parts",
        ));
    }
    let two_lengths = headers.contains_key(header::TRANSFER_ENCODING)
        && headers.contains_key(header::CONTENT_LENGTH);
    if two_lengths || headers.get_all(header::HOST).iter().count() > 1 {
        return Some(Problem::new(
            StatusCode::BAD_REQUEST,
            "ambiguous_request",
            "请求头自相矛盾",
            "The request's headers contradict each other",
        ));
    }
    let encoded = headers
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .any(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"));
    (encoded && request.uri().path() != REPORTS).then(|| {
        Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "encoding_refused",
            "请勿压缩请求内容",
            "Send the body uncompressed",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate() -> Gate {
        let mut config = Config::default();
        config.limits.anonymous = Rate::new(1, 2);
        config.limits.person = Rate::new(1, 1);
        Gate::new(&config)
    }

    #[test]
    fn whoever_asks_too_often_waits_and_nobody_else_does() {
        let gate = gate();
        let [one, two] = ["192.0.2.1", "192.0.2.2"].map(|a| a.parse().expect("address"));
        assert!(gate.stranger(one).is_ok() && gate.stranger(one).is_ok());
        let problem = gate.stranger(one).expect_err("too often");
        assert_eq!(problem.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(
            problem
                .retry_after_secs
                .is_some_and(|secs| (1..=61).contains(&secs))
        );
        assert!(gate.stranger(two).is_ok());
        assert!(gate.proven(Proven::Person("a")).is_ok());
        assert!(gate.proven(Proven::Person("a")).is_err());
        assert!(gate.proven(Proven::Person("b")).is_ok());
        assert!(gate.proven(Proven::Token("a")).is_ok());
    }

    #[test]
    fn one_houses_ipv6_addresses_count_as_one() {
        let address = |text: &str| text.parse::<IpAddr>().expect("address");
        assert_eq!(
            network(address("2001:db8:1:2::9")),
            network(address("2001:db8:1:2:ffff::1"))
        );
        assert_ne!(
            network(address("2001:db8:1:2::9")),
            network(address("2001:db8:1:3::9"))
        );
        assert_eq!(network(address("::ffff:192.0.2.1")), address("192.0.2.1"));
    }

    #[test]
    fn what_is_open_to_everybody_is_known() {
        let open = |method: Method, path: &str| Open::of(&method, path);
        assert_eq!(open(Method::POST, "/api/v1/sign-in"), Some(Open::SignIn));
        assert_eq!(open(Method::GET, "/api/v1/sign-in"), Some(Open::Any));
        assert_eq!(
            open(Method::GET, "/api/v1/sign-in/oidc/back"),
            Some(Open::Any)
        );
        assert_eq!(open(Method::POST, "/api/v1/welcome"), Some(Open::SignIn));
        assert_eq!(
            open(Method::POST, "/api/v1/walls/codes"),
            Some(Open::WallCode)
        );
        assert_eq!(open(Method::POST, "/api/v1/walls/claim"), Some(Open::Any));
        assert_eq!(open(Method::GET, "/enter/x"), Some(Open::Any));
        assert_eq!(open(Method::POST, "/api/v1/reports"), None);
        assert_eq!(open(Method::GET, "/assets/app.js"), None);
    }

    #[test]
    fn too_many_keys_share_one_allowance_and_memory_is_bounded() {
        let allowance: Allowance<u64> = Allowance::new(Rate::new(60_000, 1), u64::MAX);
        let refused = (0..MAX_KEYS as u64 + 100).filter(|key| allowance.take(key).is_err());
        assert!(refused.count() > 0);
        assert!(allowance.used.len() <= MAX_KEYS + 1);
    }

    fn request(
        build: impl Fn(axum::http::request::Builder) -> axum::http::request::Builder,
    ) -> Request {
        build(Request::builder().uri("/api/v1/incidents"))
            .body(axum::body::Body::empty())
            .expect("request")
    }

    #[test]
    fn what_no_request_may_be_like_is_refused_before_anything_else() {
        let code = |request: &Request| unfit(request).map(|p| p.refusals[0].code.clone());
        assert_eq!(code(&request(|r| r)), None);
        assert_eq!(
            code(&request(|r| r.method(Method::TRACE))).as_deref(),
            Some("method_not_allowed")
        );
        let long = format!("/api/v1/incidents?q={}", "x".repeat(MAX_TARGET_BYTES));
        assert_eq!(
            code(&request(|r| r.uri(long.as_str()))).as_deref(),
            Some("address_too_long")
        );
        let smuggled = request(|r| {
            r.header("content-length", "5")
                .header("transfer-encoding", "chunked")
        });
        assert_eq!(code(&smuggled).as_deref(), Some("ambiguous_request"));
        let bomb = request(|r| r.header("content-encoding", "gzip"));
        assert_eq!(code(&bomb).as_deref(), Some("encoding_refused"));
        assert_eq!(
            code(&request(|r| r.header("content-encoding", "identity"))),
            None
        );
    }
}

//! A real node on a real port, with a log in a folder of its own.

use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use domain::account::Post;
use domain::account::command::AccountCommand;
use domain::actor::{Actor, Role};
use futures_util::{SinkExt, StreamExt};
use geodata::region::{Code, Level};
use gridlamp::account::token::{self, Wanted};
use gridlamp::account::{Book, Rules, first, password};
use gridlamp::clock::Clock;
use gridlamp::config::Config;
use gridlamp::county;
use gridlamp::log::{EventLog, OpenMode};
use gridlamp::node::{self, Node};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// How long anything may take before the test has failed.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// Another address of this machine.
const ELSEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

/// A running node.
pub struct Station {
    pub url: String,
    pub client: reqwest::Client,
    /// A source token named `grid`.
    pub source: String,
    /// A reader of the whole county.
    pub reader: String,
    /// The county centre.
    pub centre: String,
    /// A position inside the county, and its township.
    pub place: (f64, f64),
    pub township: Code,
    /// Another township.
    pub elsewhere: Code,
    /// What accounts go by.
    pub rules: Rules,
    log: Arc<EventLog>,
    config: Config,
    stop: watch::Sender<bool>,
    task: Option<JoinHandle<anyhow::Result<()>>>,
}

/// A folder that goes with the test.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("gridlamp-{name}-{}", std::process::id()));
        std::fs::remove_dir_all(&path).ok();
        std::fs::create_dir_all(&path).expect("folder");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

/// The sample county's pack, written to `folder` if it is not there yet.
fn sample_at(folder: &Path) -> county::Pack {
    if !folder.exists() {
        let pack = geodata::sample::county(7);
        std::fs::create_dir_all(folder).expect("folder");
        std::fs::write(folder.join("regions.geojson"), pack.regions_geojson).expect("pack");
    }
    let (pack, faults) = county::read(folder);
    pack.unwrap_or_else(|| panic!("the sample has faults: {faults:?}"))
}

impl Station {
    /// Starts a node on the log in `folder`.
    pub async fn start(folder: &Path) -> Self {
        Self::start_with(folder, Clock::life(), |_| {}).await
    }

    /// Starts a node with another clock or other settings.
    pub async fn start_with(folder: &Path, clock: Clock, set: impl FnOnce(&mut Config)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("port");
        let listen = listener.local_addr().expect("address");
        let mut config = Config {
            listen,
            log: format!("sqlite:{}", folder.join("gridlamp.db").display()),
            county: folder.join("county"),
            data: folder.to_owned(),
            ..Config::default()
        };
        set(&mut config);
        let pack = sample_at(&config.county);
        let log = node::open_log(&config, "330899", OpenMode::Serve)
            .await
            .expect("log");
        let scope = pack.county.code;
        let county = Arc::new(pack.county.clone());
        let rules = node::rules(&config, &county, &clock, false);
        let make = async |name: &str, role| {
            let name = name.to_owned();
            let wanted = Wanted { name, role, scope };
            token::create(&log, &rules, &wanted).await.expect("token")
        };
        gridlamp::tls::ready();
        let grids: Vec<Code> = pack
            .county
            .tree
            .iter()
            .filter(|r| r.level == Level::Grid)
            .map(|r| r.code)
            .collect();
        let point = pack.boundary.label_point(grids[0]).expect("point");
        let township = grids[0].at(Level::Township).expect("township");
        let elsewhere = grids
            .last()
            .and_then(|code| code.at(Level::Township))
            .expect("township");
        let (stop, shutdown) = watch::channel(false);
        let station = Self {
            url: format!("http://{listen}"),
            // A link's cookie comes with the answer that leads on.
            client: reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .expect("client"),
            source: make("grid", Role::Source).await,
            reader: make("reader", Role::Reader).await,
            centre: make("centre", Role::Centre).await,
            place: (point.lon, point.lat),
            township,
            elsewhere,
            rules: rules.clone(),
            log: log.clone(),
            config: config.clone(),
            stop,
            task: None,
        };
        let node = Node {
            config,
            pack,
            log,
            clock,
            doors: false,
        };
        let task = tokio::spawn(node::run(node, listener, shutdown));
        Self {
            task: Some(task),
            ..station
        }
    }

    /// Stops it as a service manager would.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        if let Some(task) = self.task.take() {
            tokio::time::timeout(PATIENCE, task)
                .await
                .expect("stops")
                .expect("task")
                .expect("run");
        }
    }

    /// Takes somebody in who signs in with [`PASSWORD`].
    pub async fn person(&self, id: &str, role: Role, region: Code, director: bool) {
        let mut post = first::post(&self.rules.county, role, region);
        post.director = director;
        self.person_with(id, post).await;
    }

    pub async fn person_with(&self, id: &str, post: Post) {
        first::person(&self.log, &self.rules, id, id, post)
            .await
            .expect("person");
        let passwords = password::Passwords::new(8, None).expect("passwords");
        let hash = passwords.hash(PASSWORD).await.expect("hash");
        let set = AccountCommand::SetPassword {
            id: id.to_owned(),
            hash,
            invite: None,
            keep: None,
        };
        self.perform(&set).await;
    }

    /// The log, as a tool beside the node has it.
    pub fn log(&self) -> Arc<EventLog> {
        self.log.clone()
    }

    /// What the command line would do beside the node.
    pub async fn perform(&self, command: &AccountCommand) {
        let mut book = Book::open(&self.log).await.expect("book");
        let actor = Actor::rule("test", self.rules.county.code);
        let commands = std::slice::from_ref(command);
        let done = book.perform(&self.log, &self.rules, &actor, commands).await;
        done.expect("performed");
        self.followed().await;
    }

    /// Waits until the node has folded the ledger up to here: a token made now is the last entry,
    /// so whoever knows it knows all before it.
    pub async fn followed(&self) {
        let name = "followed".to_owned();
        let scope = self.rules.county.code;
        let wanted = Wanted {
            name,
            role: Role::Reader,
            scope,
        };
        let token = token::create(&self.log, &self.rules, &wanted)
            .await
            .expect("token");
        // From an address of its own: what it is refused meanwhile is no test's stranger.
        let asking = reqwest::Client::builder().local_address(Some(ELSEWHERE));
        let asking = asking.build().expect("client");
        let known = async {
            let url = format!("{}/api/v1/me", self.url);
            loop {
                let asked = asking.get(&url).bearer_auth(&token).send().await;
                if asked.is_ok_and(|answer| answer.status().is_success()) {
                    return;
                }
                let ended = self.task.as_ref().is_some_and(JoinHandle::is_finished);
                assert!(!ended, "the node has ended");
                tokio::time::sleep(Duration::from_millis(25)).await;
            }
        };
        tokio::time::timeout(PATIENCE, known)
            .await
            .expect("the node follows the ledger");
    }

    /// A browser that nobody is signed in on.
    pub fn browser(&self) -> Browser {
        Browser {
            url: self.url.clone(),
            client: self.client.clone(),
            cookie: None,
        }
    }

    /// A browser on which `id` is signed in.
    pub async fn signed_in(&self, id: &str) -> Browser {
        let mut browser = self.browser();
        let with = json!({"name": id, "password": PASSWORD});
        let answer = browser.post("/sign-in", &with).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        browser
    }

    pub fn folder(&self) -> PathBuf {
        self.config.data.clone()
    }

    pub async fn post(&self, token: &str, path: &str, body: &Value) -> (u16, Value) {
        self.post_raw(
            token,
            path,
            "application/json",
            body.to_string().into_bytes(),
        )
        .await
    }

    pub async fn post_raw(
        &self,
        token: &str,
        path: &str,
        kind: &str,
        body: Vec<u8>,
    ) -> (u16, Value) {
        let request = self
            .client
            .post(format!("{}/api/v1{path}", self.url))
            .bearer_auth(token);
        let answer = request
            .header("content-type", kind)
            .body(body)
            .send()
            .await
            .expect("answer");
        let status = answer.status().as_u16();
        (
            status,
            serde_json::from_slice(&answer.bytes().await.expect("body")).unwrap_or_default(),
        )
    }

    pub async fn get(&self, token: &str, path: &str) -> (u16, Value) {
        let request = self
            .client
            .get(format!("{}/api/v1{path}", self.url))
            .bearer_auth(token);
        let answer = request.send().await.expect("answer");
        let status = answer.status().as_u16();
        (
            status,
            serde_json::from_slice(&answer.bytes().await.expect("body")).unwrap_or_default(),
        )
    }

    /// Opens the live connection.
    pub async fn live(&self, token: &str, query: &str) -> Live {
        let url = format!("{}/api/v1/live?{query}", self.url.replace("http", "ws"));
        let mut request = url.into_client_request().expect("request");
        let headers = request.headers_mut();
        headers.insert(
            "sec-websocket-protocol",
            "gridlamp.v1".parse().expect("header"),
        );
        headers.insert(
            "authorization",
            format!("Bearer {token}").parse().expect("header"),
        );
        let (socket, _) = tokio_tungstenite::connect_async(request)
            .await
            .expect("handshake");
        Live(socket)
    }
}

/// What [`Station::person`] gives everybody.
pub const PASSWORD: &str = "hill lamp 7 river stone";

/// A browser: it keeps its cookie and says whose page it shows.
#[derive(Clone)]
pub struct Browser {
    pub url: String,
    pub client: reqwest::Client,
    pub cookie: Option<String>,
}

/// An answer to a browser.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
    /// As it came.
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
}

impl Browser {
    pub async fn get(&mut self, path: &str) -> Answer {
        let origin = self.url.clone();
        self.ask("GET", path, &origin, Vec::new()).await
    }

    pub async fn post(&mut self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, body).await
    }

    pub async fn send(&mut self, method: &str, path: &str, body: &Value) -> Answer {
        let origin = self.url.clone();
        self.ask(method, path, &origin, body.to_string().into_bytes())
            .await
    }

    /// Asks as the page of `origin` would; an empty one says nothing of where it comes from.
    pub async fn ask(&mut self, method: &str, path: &str, origin: &str, body: Vec<u8>) -> Answer {
        let method = method.parse().expect("method");
        let at = if path.starts_with("/enter/") {
            format!("{}{path}", self.url)
        } else {
            format!("{}/api/v1{path}", self.url)
        };
        let mut request = self.client.request(method, at).body(body);
        request = request.header("content-type", "application/json");
        if !origin.is_empty() {
            request = request.header("origin", origin);
        }
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        let answer = request.send().await.expect("answer");
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        for set in headers.get_all("set-cookie") {
            let text = set.to_str().expect("text");
            let value = text.split(';').next().expect("value");
            if value.starts_with("gridlamp_session=") {
                self.cookie = (value != "gridlamp_session=").then(|| value.to_owned());
            }
        }
        let body = answer.bytes().await.expect("body");
        Answer {
            status,
            headers,
            body: serde_json::from_slice(&body).unwrap_or_default(),
            bytes: body.into(),
        }
    }

    /// Opens the live connection; the status when it is refused.
    pub async fn live(&self, origin: &str) -> Result<Live, u16> {
        let url = format!("{}/api/v1/live", self.url.replace("http", "ws"));
        let mut request = url.into_client_request().expect("request");
        let headers = request.headers_mut();
        let header = |text: &str| text.parse().expect("header");
        headers.insert("sec-websocket-protocol", header("gridlamp.v1"));
        headers.insert("origin", header(origin));
        if let Some(cookie) = &self.cookie {
            headers.insert("cookie", header(cookie));
        }
        match tokio_tungstenite::connect_async(request).await {
            Ok((socket, _)) => Ok(Live(socket)),
            Err(tokio_tungstenite::tungstenite::Error::Http(answer)) => {
                Err(answer.status().as_u16())
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// Opens the live connection from our own page and waits until it is listening.
    pub async fn listening(&self) -> Live {
        let mut live = self.live(&self.url).await.expect("handshake");
        live.next(&["hello"]).await;
        live
    }
}

/// A live connection.
pub struct Live(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Live {
    /// The next frame of one of these kinds.
    pub async fn next(&mut self, kinds: &[&str]) -> Value {
        let wait = async {
            loop {
                match self.0.next().await.expect("open").expect("frame") {
                    Message::Text(text) => {
                        let frame: Value = serde_json::from_str(&text).expect("json");
                        if kinds.iter().any(|kind| frame["t"] == *kind) {
                            return frame;
                        }
                    }
                    Message::Close(close) => panic!("closed: {close:?}"),
                    _ => {}
                }
            }
        };
        tokio::time::timeout(PATIENCE, wait)
            .await
            .expect("a frame in time")
    }

    /// Waits until the server closes it; answers the code and how long that took.
    pub async fn closed(&mut self) -> (u16, Duration) {
        let began = std::time::Instant::now();
        let wait = async {
            loop {
                match self.0.next().await {
                    Some(Ok(Message::Close(Some(frame)))) => return u16::from(frame.code),
                    Some(Ok(_)) => {}
                    other => panic!("ended without a code: {other:?}"),
                }
            }
        };
        let code = tokio::time::timeout(PATIENCE, wait).await;
        (code.expect("closed in time"), began.elapsed())
    }

    /// Says something.
    pub async fn say(&mut self, what: &Value) {
        let said = self.0.send(Message::text(what.to_string())).await;
        said.expect("said");
    }

    pub async fn close(mut self) {
        self.0.send(Message::Close(None)).await.ok();
    }
}

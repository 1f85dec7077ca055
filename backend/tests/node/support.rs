//! A real node on a real port, with a log in a folder of its own.

use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::actor::Role;
use futures_util::{SinkExt, StreamExt};
use geodata::region::{Code, Level};
use gridlamp::account::token;
use gridlamp::clock::Clock;
use gridlamp::config::Config;
use gridlamp::county;
use gridlamp::log::OpenMode;
use gridlamp::node::{self, Node};
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// How long anything may take before the test has failed.
pub const PATIENCE: Duration = Duration::from_mins(1);

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

impl Station {
    /// Starts a node on the log in `folder`.
    pub async fn start(folder: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("port");
        let listen = listener.local_addr().expect("address");
        let config = Config {
            listen,
            log: format!("sqlite:{}", folder.join("gridlamp.db").display()),
            county: folder.join("county"),
            data: folder.to_owned(),
            ..Config::default()
        };
        if !config.county.exists() {
            let pack = geodata::sample::county(7);
            std::fs::create_dir_all(&config.county).expect("folder");
            std::fs::write(config.county.join("regions.geojson"), pack.regions_geojson)
                .expect("pack");
        }
        let (pack, faults) = county::read(&config.county);
        let pack = pack.unwrap_or_else(|| panic!("the sample has faults: {faults:?}"));
        let log = node::open_log(&config, "330899", OpenMode::Serve)
            .await
            .expect("log");
        let scope = pack.county.code;
        let make = async |name, role| {
            token::create(&log, name, role, scope, String::new())
                .await
                .expect("token")
        };
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
            client: reqwest::Client::new(),
            source: make("grid", Role::Source).await,
            reader: make("reader", Role::Reader).await,
            centre: make("centre", Role::Centre).await,
            place: (point.lon, point.lat),
            township,
            elsewhere,
            config: config.clone(),
            stop,
            task: None,
        };
        let node = Node {
            config,
            pack,
            log,
            clock: Clock::life(),
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

    pub async fn close(mut self) {
        self.0.send(Message::Close(None)).await.ok();
    }
}

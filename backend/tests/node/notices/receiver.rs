//! A system that is told: a real HTTP server that keeps what it gets and answers as it is told to.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::support::PATIENCE;

/// What it answers.
#[derive(Clone, Copy, Debug)]
pub enum Answer {
    /// A status.
    Status(u16),
    /// 200 with this body.
    Json(&'static str),
    /// Leads elsewhere: to another path of this server.
    Redirect,
    /// Nothing, until the other side gives up.
    Never,
}

/// What it got.
#[derive(Clone, Debug)]
pub struct Got {
    pub path: String,
    pub query: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Got {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().expect("text"))
    }
}

#[derive(Default)]
struct Book {
    script: HashMap<String, VecDeque<Answer>>,
    got: Vec<Got>,
}

#[derive(Clone)]
struct Shared {
    book: Arc<Mutex<Book>>,
    count: watch::Sender<usize>,
}

/// See the module.
pub struct Receiver {
    pub url: String,
    shared: Shared,
    task: JoinHandle<()>,
}

impl Receiver {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("port");
        let url = format!("http://{}", listener.local_addr().expect("address"));
        let shared = Shared {
            book: Arc::default(),
            count: watch::Sender::new(0),
        };
        let app = Router::new().fallback(take).with_state(shared.clone());
        let task = tokio::spawn(async move {
            axum::serve(listener, app).await.expect("served");
        });
        Self { url, shared, task }
    }

    /// What it answers on a path, one after the other; 200 from then on.
    pub fn script(&self, path: &str, answers: &[Answer]) {
        let mut book = self.book();
        let queue = book.script.entry(path.to_owned()).or_default();
        queue.extend(answers);
    }

    /// What came on a path, in order.
    pub fn got(&self, path: &str) -> Vec<Got> {
        let book = self.book();
        book.got
            .iter()
            .filter(|got| got.path == path)
            .cloned()
            .collect()
    }

    /// Waits until something that came on a path is so; answers the first.
    pub async fn until(&self, path: &str, is_so: impl Fn(&Got) -> bool) -> Got {
        let mut count = self.shared.count.subscribe();
        let wait = async {
            loop {
                if let Some(found) = self.got(path).into_iter().find(|got| is_so(got)) {
                    return found;
                }
                count.changed().await.expect("served");
            }
        };
        let found = tokio::time::timeout(PATIENCE, wait).await;
        found.unwrap_or_else(|_| panic!("nothing like that on {path}: {:?}", self.got(path)))
    }

    /// Waits until so many came on a path.
    pub async fn until_count(&self, path: &str, least: usize) -> Vec<Got> {
        let mut count = self.shared.count.subscribe();
        let wait = async {
            while self.got(path).len() < least {
                count.changed().await.expect("served");
            }
            self.got(path)
        };
        let found = tokio::time::timeout(PATIENCE, wait).await;
        found.unwrap_or_else(|_| panic!("not {least} on {path}: {:?}", self.got(path)))
    }

    fn book(&self) -> std::sync::MutexGuard<'_, Book> {
        self.shared
            .book
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn take(State(shared): State<Shared>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let body = axum::body::to_bytes(body, 1 << 20).await.expect("body");
    let answer = {
        let mut book = shared.book.lock().unwrap_or_else(PoisonError::into_inner);
        let script = book.script.get_mut(&path);
        let answer = script.and_then(VecDeque::pop_front);
        book.got.push(Got {
            path,
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: parts.headers,
            body,
        });
        answer.unwrap_or(Answer::Status(200))
    };
    shared.count.send_modify(|count| *count += 1);
    match answer {
        Answer::Status(status) => {
            let status = StatusCode::from_u16(status).expect("status");
            (status, r#"{"code":0}"#).into_response()
        }
        Answer::Json(text) => text.into_response(),
        Answer::Redirect => (StatusCode::FOUND, [("location", "/elsewhere")]).into_response(),
        Answer::Never => {
            tokio::time::sleep(Duration::from_hours(1)).await;
            StatusCode::OK.into_response()
        }
    }
}

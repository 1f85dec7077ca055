//! The sending half alone, in a child process that is this same bench: our fan-out, or a task and a
//! broadcast receiver for each connection, as websocket libraries do by default, or the floor below both.

use std::io::{self, BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::response::IntoResponse;
use axum::routing::get;
use futures_util::{SinkExt, StreamExt};
use gridlamp::ws::fanout::{AudienceId, Config, Fanout};
use gridlamp::ws::frame::text_frame;
use gridlamp::ws::serve::{HttpLimits, serve};
use gridlamp::ws::upgrade;
use tokio::sync::broadcast;
use tokio_tungstenite::WebSocketStream;
use tungstenite::Message;
use tungstenite::protocol::Role;

use crate::audiences;
use crate::crowd::MARKER;
use crate::floor::Floor;
use crate::process::{Guard, now_ns, pace};
use crate::{Sent, Subject};

pub const FANOUT: &str = "fan-out";
pub const TASKS: &str = "task-and-channel-each";
pub const FLOOR: &str = "floor";
const ALL: AudienceId = AudienceId(0);
const MESSAGE_BYTES: usize = 303;

/// A child that serves and, told so, publishes.
pub struct Sending {
    kind: &'static str,
    child: Guard,
    orders: ChildStdin,
    address: SocketAddr,
    answers: Option<BufReader<ChildStdout>>,
    returned: Option<mpsc::Receiver<BufReader<ChildStdout>>>,
}

impl Sending {
    pub fn start(kind: &'static str) -> io::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["server", kind])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (orders, answers) = pipes(&mut child)?;
        let mut answers = BufReader::new(answers);
        let mut line = String::new();
        answers.read_line(&mut line)?;
        let address = line.trim().parse().map_err(io::Error::other)?;
        let child = Guard(child);
        Ok(Self {
            kind,
            child,
            orders,
            address,
            answers: Some(answers),
            returned: None,
        })
    }
}

fn pipes(child: &mut Child) -> io::Result<(ChildStdin, ChildStdout)> {
    child
        .stdin
        .take()
        .zip(child.stdout.take())
        .ok_or_else(|| io::Error::other("no pipes"))
}

impl Subject for Sending {
    fn name(&self) -> String {
        self.kind.to_owned()
    }

    fn pid(&self) -> u32 {
        self.child.0.id()
    }

    fn address(&self) -> SocketAddr {
        self.address
    }

    fn handshake(&self) -> String {
        "GET /live HTTP/1.1\r\nHost: bench\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Protocol: gridlamp.v1\r\n\r\n"
            .to_owned()
    }

    fn send(&mut self, rate: u64, seconds: u64) -> io::Result<mpsc::Receiver<Sent>> {
        writeln!(self.orders, "{rate} {seconds}")?;
        let before = self
            .returned
            .take()
            .and_then(|returned| returned.recv().ok());
        let mut answers = before
            .or_else(|| self.answers.take())
            .ok_or_else(|| io::Error::other("the child's answers are gone"))?;
        let (tell, told) = mpsc::channel();
        let (give_back, returned) = mpsc::channel();
        self.returned = Some(returned);
        std::thread::spawn(move || {
            let mut line = String::new();
            if answers.read_line(&mut line).is_ok()
                && let [messages, took_us, last_ns] = numbers(&line)[..]
            {
                let took = Duration::from_micros(took_us);
                // The bench may have given up; then nobody wants to know.
                let _ = tell.send(Sent {
                    messages,
                    took,
                    last_ns,
                });
            }
            let _ = give_back.send(answers);
        });
        Ok(told)
    }
}

fn numbers(line: &str) -> Vec<u64> {
    line.split_whitespace()
        .filter_map(|word| word.parse().ok())
        .collect()
}

/// The child's side: serves, and publishes what standard input orders.
pub fn serve_here(kind: &str) -> io::Result<()> {
    if kind == FLOOR {
        let floor = Floor::start()?;
        println!("{}", floor.address);
        return obey(|count| {
            let frames: Vec<_> = (0..count)
                .map(|_| text_frame(message().as_bytes()))
                .collect();
            floor.publish(&frames.concat());
        });
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let (app, publish) = match kind {
        FANOUT => fan_out()?,
        audiences::ONE | audiences::FOUR => audiences::serve(kind)?,
        _ => tasks(),
    };
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))?;
    println!("{}", listener.local_addr()?);
    runtime.spawn(serve(
        listener,
        app,
        HttpLimits::default(),
        std::future::pending(),
    ));
    obey(publish)
}

/// Publishes at the rates that standard input orders, until it ends.
fn obey(publish: impl Fn(u64)) -> io::Result<()> {
    for line in io::stdin().lock().lines() {
        if let [rate, seconds] = numbers(&line?)[..] {
            let sent = pace(rate, seconds, |count| {
                publish(count);
                Ok(())
            })?;
            println!(
                "{} {} {}",
                sent.messages,
                sent.took.as_micros(),
                sent.last_ns
            );
        }
    }
    Ok(())
}

/// Publishes so many messages.
pub type Publish = Box<dyn Fn(u64)>;

fn fan_out() -> io::Result<(Router, Publish)> {
    let fanout = Fanout::start(Config::default())?;
    let publisher = fanout.clone();
    let hello = text_frame(b"{\"t\":\"hello\"}");
    let live = move |mut request: Request| {
        let (fanout, hello) = (fanout.clone(), vec![hello.clone()]);
        let response = upgrade::accept(&mut request, move |handover| async move {
            fanout.join(ALL, handover.socket, handover.leftover, hello);
        });
        async move { response.unwrap_or_else(IntoResponse::into_response) }
    };
    let publish = move |count| {
        let frames = (0..count).map(|_| (ALL, text_frame(message().as_bytes())));
        publisher.publish(frames.collect());
    };
    Ok((Router::new().route("/live", get(live)), Box::new(publish)))
}

fn tasks() -> (Router, Publish) {
    let (sender, _) = broadcast::channel::<Message>(65_536);
    let publisher = sender.clone();
    let live = move |mut request: Request| {
        let messages = sender.subscribe();
        // The same answer as ours; only what becomes of the connection differs.
        let answer = upgrade::answer(&request);
        let upgrade = hyper::upgrade::on(&mut request);
        tokio::spawn(async move {
            if let Ok(upgraded) = upgrade.await {
                relay(upgraded, messages).await;
            }
        });
        async move { answer.unwrap_or_else(IntoResponse::into_response) }
    };
    let publish = move |count| {
        for _ in 0..count {
            // Without subscribers there is nobody to miss it.
            let _ = publisher.send(Message::text(message()));
        }
    };
    (Router::new().route("/live", get(live)), Box::new(publish))
}

async fn relay(upgraded: hyper::upgrade::Upgraded, mut messages: broadcast::Receiver<Message>) {
    let io = hyper_util::rt::TokioIo::new(upgraded);
    let mut socket = WebSocketStream::from_raw_socket(io, Role::Server, None).await;
    loop {
        tokio::select! {
            message = messages.recv() => {
                let Ok(message) = message else { return };
                if socket.send(message).await.is_err() {
                    return;
                }
            }
            heard = socket.next() => {
                if !matches!(heard, Some(Ok(_))) {
                    return;
                }
            }
        }
    }
}

const END: &str = r#""}}]}"#;

/// One event's frame as a screen gets it, padded to the length that others were measured with.
fn message() -> String {
    let mut text = format!(
        r#"{{"t":"events","from":"1","to":"2","events":[{{"stream":"incidents","key":"0198c5f2-6a51-7c3e-9d2b-5f1e8a7b6c4d","version":2,"at":"2026-02-13T09:00:00.000+08:00","actor":{{"id":"bench","role":"grid"}},"type":"progressed","data":{{"note":"{MARKER}{} "#,
        now_ns()
    );
    while text.len() + END.len() < MESSAGE_BYTES {
        text.push('.');
    }
    text.push_str(END);
    text
}

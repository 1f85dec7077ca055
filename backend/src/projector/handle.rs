//! What the rest of the server holds of the projector: a sender of requests.

use bytes::Bytes;
use domain::access::Viewer;
use domain::actor::Actor;
use domain::deployment::position::Fix;
use domain::ids::IncidentId;
use domain::incident::Incident;
use domain::incident::command::{Command, Report};
use domain::pack::County;
use domain::refusal::Refusal;
use domain::session::Session;
use domain::time::Timestamp;
use domain::world::World;
use tokio::sync::{mpsc, oneshot};

use super::batch::{Ask, Job, Reply};
use super::command::Wish;
use crate::log::{LogError, Position};
use crate::problem::Problem;
use crate::ws::fanout::{AudienceId, ConnId};

/// What a read sees: the World between two events.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The world.
    pub world: &'a World,
    /// The county's rules.
    pub county: &'a County,
    /// The server's time.
    pub now: Timestamp,
    /// Where in the log the world stands.
    pub position: Position,
}

/// A command that took effect, or had before.
#[derive(Clone, Debug)]
pub struct Done {
    /// The incident after it.
    pub incident: Box<Incident>,
    /// A place in the log that has it.
    pub position: Position,
    /// Whether a report of the same origin was there already.
    pub existed: bool,
}

/// A wish that took effect, or had before.
#[derive(Clone, Debug)]
pub struct Moved {
    /// The session it moved, if it moved one.
    pub session: Option<Box<Session>>,
    /// The version of its subject.
    pub version: u64,
    /// A place in the log that has it.
    pub position: Position,
    /// Whether the same wish was carried out before.
    pub existed: bool,
}

/// Why a command took no effect.
#[derive(Clone, Debug)]
pub enum Failure {
    /// The rules forbid it.
    Refused(Refusal),
    /// There is no such incident among the open and recent ones.
    NotFound,
    /// The log failed.
    Log(LogError),
    /// Too much waits, or the server is stopping.
    Busy,
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => refusal.into(),
            Failure::NotFound => Self::not_found(),
            Failure::Log(error) => error.into(),
            Failure::Busy => Self::unavailable(2),
        }
    }
}

/// A screen that wants to listen.
pub(super) struct Join {
    pub viewer: Viewer,
    pub from: Option<Position>,
    pub socket: std::net::TcpStream,
    pub leftover: Bytes,
    pub joined: oneshot::Sender<ConnId>,
}

pub(super) enum Request {
    Do(Box<Job>),
    Read(Box<dyn FnOnce(View<'_>) + Send>),
    Join(Box<Join>),
    Positions(Vec<Fix>),
    Fill(Vec<(ConnId, AudienceId, Vec<Fix>)>),
}

/// The way to the projector; cheap to clone.
#[derive(Clone, Debug)]
pub struct Projector(mpsc::Sender<Request>);

impl Projector {
    pub(super) fn new(sender: mpsc::Sender<Request>) -> Self {
        Self(sender)
    }

    /// Takes a report in; answers when its event has been folded.
    ///
    /// # Errors
    /// The log failed, or too much waits. A report that was there already is no error.
    pub async fn report(&self, report: Report, actor: Actor) -> Result<Done, Failure> {
        self.ask(Ask::Report(Box::new(report)), actor).await
    }

    /// Carries out a command on an incident; answers when its event has been folded.
    ///
    /// # Errors
    /// The refusal of the rules, or the log's failure.
    pub async fn command(
        &self,
        id: IncidentId,
        command: Command,
        expected_version: Option<u64>,
        actor: Actor,
    ) -> Result<Done, Failure> {
        self.ask(
            Ask::Command {
                id,
                command,
                expected_version,
            },
            actor,
        )
        .await
    }

    async fn ask(&self, ask: Ask, actor: Actor) -> Result<Done, Failure> {
        let (reply, answer) = oneshot::channel();
        let request = Request::Do(Box::new(Job::new(ask, actor, Some(Reply::Done(reply)))));
        self.0.try_send(request).map_err(|_| Failure::Busy)?;
        answer.await.unwrap_or(Err(Failure::Busy))
    }

    /// Carries out a wish about sessions, units or the county's mode; answers when its event has
    /// been folded.
    ///
    /// # Errors
    /// The refusal of the rules, or the log's failure.
    pub async fn wish(&self, wish: Wish, actor: Actor) -> Result<Moved, Failure> {
        let (reply, answer) = oneshot::channel();
        let ask = Ask::Wish(Box::new(wish));
        let request = Request::Do(Box::new(Job::new(ask, actor, Some(Reply::Moved(reply)))));
        self.0.try_send(request).map_err(|_| Failure::Busy)?;
        answer.await.unwrap_or(Err(Failure::Busy))
    }

    /// Reads the World between two events. `read` must be short: nothing else happens meanwhile.
    ///
    /// # Errors
    /// The server is stopping.
    pub async fn read<T, F>(&self, read: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: FnOnce(View<'_>) -> T + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let request = Request::Read(Box::new(move |view| {
            // Whoever asked may have gone.
            let _gone = reply.send(read(view));
        }));
        self.0.send(request).await.map_err(|_| Failure::Busy)?;
        answer.await.map_err(|_| Failure::Busy)
    }

    /// Shows positions to whoever may see them.
    ///
    /// # Errors
    /// The server is stopping.
    pub async fn positions(&self, fixes: Vec<Fix>) -> Result<(), Failure> {
        let request = Request::Positions(fixes);
        self.0.send(request).await.map_err(|_| Failure::Busy)
    }

    /// Shows screens that look elsewhere now the positions that are there, as far as their audience
    /// may see them.
    ///
    /// # Errors
    /// The server is stopping.
    pub async fn fill(&self, views: Vec<(ConnId, AudienceId, Vec<Fix>)>) -> Result<(), Failure> {
        let request = Request::Fill(views);
        self.0.send(request).await.map_err(|_| Failure::Busy)
    }

    /// Waits until the projector has ended, whatever the reason.
    pub async fn ended(&self) {
        self.0.closed().await;
    }

    /// Hands a screen's socket over; it gets its hello and all that follows from there. Answers
    /// which connection it is, none when the server is stopping.
    pub async fn join(
        &self,
        viewer: Viewer,
        from: Option<Position>,
        socket: std::net::TcpStream,
        leftover: Bytes,
    ) -> Option<ConnId> {
        let (joined, conn) = oneshot::channel();
        let join = Join {
            viewer,
            from,
            socket,
            leftover,
            joined,
        };
        // A stopping server drops the socket; the client comes back to the next one.
        self.0.send(Request::Join(Box::new(join))).await.ok()?;
        conn.await.ok()
    }
}

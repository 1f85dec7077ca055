//! One round of decisions: jobs in, appends out.

use std::collections::VecDeque;
use std::sync::Arc;

use domain::access;
use domain::actor::Actor;
use domain::event::Event;
use domain::ids::{IncidentId, SessionId, key_of_unit};
use domain::incident::Incident;
use domain::incident::command::{Command, Report};
use domain::incident::decide::Context;
use domain::incident::plan;
use domain::projection::duplicates;
use domain::time::Timestamp;
use rustc_hash::FxHashSet;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::command::{self, Wish};
use super::handle::{Done, Failure, Moved, Request};
use super::{Parts, record};
use crate::log::{Append, AppendOutcome, EventLog, Log, LogError, Position, StreamName};

/// How often a job is decided anew after a conflict.
const TRIES: u8 = 5;

/// What is asked.
pub(super) enum Ask {
    Report(Box<Report>),
    Command {
        id: IncidentId,
        command: Command,
        expected_version: Option<u64>,
    },
    /// Something of sessions, units or the county's mode.
    Wish(Box<Wish>),
    /// A standing rule looks at an incident or a session.
    Rule,
}

/// Who waits for the answer.
pub(super) enum Reply {
    /// Of a report or a command on an incident.
    Done(oneshot::Sender<Result<Done, Failure>>),
    /// Of a wish.
    Moved(oneshot::Sender<Result<Moved, Failure>>),
}

/// Whether the log was asked for an incident that the World does not hold.
enum Found {
    /// Not yet.
    NotAsked,
    /// It has none.
    Nothing,
    /// This one.
    Incident(Box<Incident>),
}

/// A wish on its way.
pub(super) struct Job {
    ask: Ask,
    /// The incident it concerns; a report's is known once the county is.
    pub id: IncidentId,
    pub actor: Actor,
    reply: Option<Reply>,
    tries: u8,
    /// What the log knows of it, where the World has forgotten.
    found: Found,
}

impl Job {
    pub fn new(ask: Ask, actor: Actor, reply: Option<Reply>) -> Self {
        let id = match &ask {
            Ask::Command { id, .. } => *id,
            Ask::Report(report) => {
                let county = actor.scope.ancestors().last().unwrap_or(actor.scope);
                IncidentId::of_origin(county, &report.source, &report.external_id)
            }
            Ask::Wish(wish) => {
                let county = actor.scope.ancestors().last().unwrap_or(actor.scope);
                match &**wish {
                    Wish::Open { id, .. }
                    | Wish::Command { id, .. }
                    | Wish::Observed { id, .. } => id.key(),
                    Wish::Status { unit, .. } => key_of_unit(county, unit.as_str()),
                    Wish::Mode { .. } => SessionId::of_mode(county).key(),
                    Wish::Alarms { .. } => SessionId::of_alarms(county).key(),
                    Wish::Wall(wish) => SessionId::of_wall(county, &wish.wall).key(),
                }
            }
            Ask::Rule => IncidentId::of_origin(actor.scope, "", ""),
        };
        Self {
            ask,
            id,
            actor,
            reply,
            tries: 0,
            found: Found::NotAsked,
        }
    }

    pub fn rule(id: IncidentId, actor: Actor) -> Self {
        Self {
            ask: Ask::Rule,
            id,
            actor,
            reply: None,
            tries: 0,
            found: Found::NotAsked,
        }
    }

    pub fn is_rule(&self) -> bool {
        matches!(self.ask, Ask::Rule)
    }

    pub fn expected_version(&self) -> Option<u64> {
        match &self.ask {
            Ask::Command {
                expected_version, ..
            } => *expected_version,
            Ask::Wish(wish) => wish.expected_version(),
            Ask::Report(_) | Ask::Rule => None,
        }
    }

    pub fn answer(self, answer: Result<Done, Failure>) {
        // Whoever asked may have hung up; the event stands all the same.
        match (self.reply, answer) {
            (Some(Reply::Done(reply)), answer) => drop(reply.send(answer)),
            (Some(Reply::Moved(reply)), Err(failure)) => drop(reply.send(Err(failure))),
            (Some(Reply::Moved(_)), Ok(_)) | (None, _) => {}
        }
    }

    /// The wish it is, if it is one.
    pub fn wish(&self) -> Option<&Wish> {
        match &self.ask {
            Ask::Wish(wish) => Some(wish),
            Ask::Report(_) | Ask::Command { .. } | Ask::Rule => None,
        }
    }

    /// Answers a wish.
    pub fn moved(self, moved: Moved) {
        if let Some(Reply::Moved(reply)) = self.reply {
            drop(reply.send(Ok(moved)));
        }
    }

    /// Whether it is to be decided once more, and not too often already.
    pub fn may_try_again(&mut self) -> bool {
        self.found = Found::NotAsked;
        self.tries += 1;
        self.tries < TRIES
    }
}

/// The append under way and the jobs it is for, in the same order.
pub(super) struct InFlight {
    pub jobs: Vec<Job>,
    pub task: JoinHandle<Result<Vec<AppendOutcome>, LogError>>,
}

/// Waits for the append under way; for ever if there is none.
pub(super) async fn finished(
    in_flight: &mut Option<InFlight>,
) -> Result<Vec<AppendOutcome>, LogError> {
    match in_flight {
        None => std::future::pending().await,
        Some(in_flight) => (&mut in_flight.task).await.unwrap_or_else(|error| {
            Err(LogError::Unavailable {
                why: error.to_string(),
                retry_after_secs: 5,
            })
        }),
    }
}

/// What one round came to.
#[derive(Default)]
pub(super) struct Round {
    pub appends: Vec<Append>,
    pub jobs: Vec<Job>,
    /// Whether any deadline is counted anew.
    pub recounts: bool,
    /// Commands on incidents that the World does not hold: the log has to be asked first.
    pub to_find: Vec<Job>,
}

/// Whether the standing rules look.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Rules {
    /// Not now.
    Rest,
    /// At what fell due.
    Look,
    /// For the first time since the start: the county's calendar may be another.
    First,
}

/// Decides what fell due and what waits, each incident at most once.
pub(super) fn decide(
    queue: &mut VecDeque<Job>,
    parts: &Parts,
    now: Timestamp,
    rules: Rules,
    most: usize,
) -> Round {
    let mut round = Round::default();
    let mut touched = FxHashSet::default();
    let ctx = Context::new(&parts.county, now);
    if rules != Rules::Rest {
        let mut all = due(parts, ctx, most);
        all.extend(tied(parts, ctx, most));
        if rules == Rules::First {
            let recounted = recounted(parts, ctx, most);
            round.recounts = recounted.iter().any(|(_, events)| !events.is_empty());
            all.extend(recounted);
        }
        for (incident, events) in all {
            if !events.is_empty() && touched.insert(incident.id) {
                round
                    .appends
                    .push(record::append_of(incident.version, &events));
                let actor = Actor::rule("rule:overdue", parts.county.code);
                round.jobs.push(Job::rule(incident.id, actor));
            }
        }
    }
    if rules != Rules::Rest {
        command::due(parts, now, most, &mut touched, &mut round);
    }
    let mut later = VecDeque::new();
    while round.jobs.len() < most {
        let Some(job) = queue.pop_front() else { break };
        if !touched.insert(job.id) {
            later.push_back(job);
            continue;
        }
        decide_one(job, parts, ctx, &mut round);
    }
    later.append(queue);
    *queue = later;
    round
}

/// What fell due, by incident.
fn due<'a>(parts: &'a Parts, ctx: Context<'_>, most: usize) -> Vec<(&'a Incident, Vec<Event>)> {
    let due = parts.world.due(ctx.now).take(most);
    due.map(|incident| (incident, plan::due(incident, ctx)))
        .collect()
}

/// What cases have to learn of those they are tied to.
fn tied<'a>(parts: &'a Parts, ctx: Context<'_>, most: usize) -> Vec<(&'a Incident, Vec<Event>)> {
    let ties = parts.world.ties().take(most);
    ties.map(|(one, other)| (one, plan::tied(one, other, ctx)))
        .collect()
}

/// What another calendar than the last start's counts anew. Few incidents reach into a year whose
/// holidays were not announced, and none does twice.
fn recounted<'a>(
    parts: &'a Parts,
    ctx: Context<'_>,
    most: usize,
) -> Vec<(&'a Incident, Vec<Event>)> {
    let provisional = parts.world.provisional(&parts.county.calendar.version);
    provisional
        .take(most)
        .map(|incident| (incident, plan::recounted(incident, ctx)))
        .collect()
}

fn decide_one(mut job: Job, parts: &Parts, ctx: Context<'_>, round: &mut Round) {
    if job.wish().is_some() {
        return command::decide(job, parts, ctx.now, round);
    }
    let held = parts.world.incident(job.id);
    let is_unknown = held.is_none() && matches!(job.found, Found::NotAsked);
    if is_unknown && matches!(job.ask, Ask::Command { .. }) {
        return round.to_find.push(job);
    }
    let found = std::mem::replace(&mut job.found, Found::NotAsked);
    let incident = held.or(match &found {
        Found::Incident(incident) => Some(incident),
        Found::NotAsked | Found::Nothing => None,
    });
    let decided = match &mut job.ask {
        Ask::Rule | Ask::Wish(_) => return,
        Ask::Report(report) => {
            if let Some(incident) = incident {
                return existing(job, incident.clone());
            }
            report.duplicate_of = duplicates::hint(&parts.world, report, ctx.now);
            Ok(plan::report((**report).clone(), &job.actor, ctx))
        }
        Ask::Command {
            command,
            expected_version,
            ..
        } => match incident.filter(|incident| access::knows(&job.actor, incident)) {
            None => Err(Failure::NotFound),
            Some(incident) => match *expected_version {
                Some(expected) if expected != incident.version => {
                    Err(Failure::Refused(plan::conflict(expected, incident.version)))
                }
                _ => {
                    let target = command.other().and_then(|id| parts.world.incident(id));
                    let ctx = Context { target, ..ctx };
                    plan::command(incident, command, &job.actor, ctx).map_err(Failure::Refused)
                }
            },
        },
    };
    match decided {
        Ok(events) => {
            let version = incident.map_or(0, |incident| incident.version);
            round.appends.push(record::append_of(version, &events));
            round.jobs.push(job);
        }
        Err(failure) => job.answer(Err(failure)),
    }
}

/// Reads what the World has forgotten, then hands the job back to be decided on.
pub(super) fn find(mut job: Job, parts: &Parts, back: mpsc::WeakSender<Request>) {
    let log = Arc::clone(&parts.log);
    tokio::spawn(async move {
        match read(&log, job.id).await {
            Ok(Some(incident)) => job.found = Found::Incident(Box::new(incident)),
            Ok(None) => job.found = Found::Nothing,
            Err(error) => return job.answer(Err(Failure::Log(error))),
        }
        match back.upgrade() {
            // A full queue drops the job, and whoever asked is told to come back.
            Some(back) => drop(back.try_send(Request::Do(Box::new(job)))),
            None => job.answer(Err(Failure::Busy)),
        }
    });
}

async fn read(log: &EventLog, id: IncidentId) -> Result<Option<Incident>, LogError> {
    let records = log.read_key(StreamName::Incidents, &id.to_string()).await?;
    let events: Vec<Event> = records
        .iter()
        .filter_map(|record| record::event_of(record).ok())
        .collect();
    Ok(Incident::alone(&events))
}

fn existing(job: Job, incident: Incident) {
    let done = Done {
        incident: Box::new(incident),
        position: Position::START,
        existed: true,
    };
    job.answer(Ok(done));
}

/// What is in the log but no longer in the World: it ended long ago. The answer is folded from its
/// own events, the last of which tells its running number.
pub(super) fn answer_from_log(job: Job, parts: &Parts) {
    let log = Arc::clone(&parts.log);
    tokio::spawn(async move {
        match read(&log, job.id).await {
            Ok(Some(incident)) => existing(job, incident),
            Ok(None) => job.answer(Err(Failure::NotFound)),
            Err(error) => job.answer(Err(Failure::Log(error))),
        }
    });
}

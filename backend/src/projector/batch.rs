//! One round of decisions: jobs in, appends out.

use std::collections::VecDeque;
use std::sync::Arc;

use domain::access;
use domain::actor::Actor;
use domain::event::Event;
use domain::ids::IncidentId;
use domain::incident::Incident;
use domain::incident::command::{Command, Report};
use domain::incident::decide::Context;
use domain::incident::plan;
use domain::projection::duplicates;
use domain::time::Timestamp;
use rustc_hash::FxHashSet;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::handle::{Done, Failure};
use super::{Parts, record};
use crate::log::{Append, AppendOutcome, Log, LogError, Position, StreamName};

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
    /// A standing rule looks at an incident.
    Rule,
}

type Reply = oneshot::Sender<Result<Done, Failure>>;

/// A wish on its way.
pub(super) struct Job {
    ask: Ask,
    /// The incident it concerns; a report's is known once the county is.
    pub id: IncidentId,
    actor: Actor,
    reply: Option<Reply>,
    tries: u8,
}

impl Job {
    pub fn new(ask: Ask, actor: Actor, reply: Option<Reply>) -> Self {
        let id = match &ask {
            Ask::Command { id, .. } => *id,
            Ask::Report(report) => {
                let county = actor.scope.ancestors().last().unwrap_or(actor.scope);
                IncidentId::of_origin(county, &report.source, &report.external_id)
            }
            Ask::Rule => IncidentId::of_origin(actor.scope, "", ""),
        };
        Self {
            ask,
            id,
            actor,
            reply,
            tries: 0,
        }
    }

    fn rule(id: IncidentId, actor: Actor) -> Self {
        Self {
            ask: Ask::Rule,
            id,
            actor,
            reply: None,
            tries: 0,
        }
    }

    pub fn is_rule(&self) -> bool {
        matches!(self.ask, Ask::Rule)
    }

    pub fn expected_version(&self) -> Option<u64> {
        match self.ask {
            Ask::Command {
                expected_version, ..
            } => expected_version,
            Ask::Report(_) | Ask::Rule => None,
        }
    }

    pub fn answer(self, answer: Result<Done, Failure>) {
        if let Some(reply) = self.reply {
            // Whoever asked may have hung up; the event stands all the same.
            let _gone = reply.send(answer);
        }
    }

    /// Whether it is to be decided once more, and not too often already.
    pub fn may_try_again(&mut self) -> bool {
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
}

/// Decides what fell due and what waits, each incident at most once.
pub(super) fn decide(
    queue: &mut VecDeque<Job>,
    parts: &Parts,
    now: Timestamp,
    rules: bool,
    most: usize,
) -> Round {
    let mut round = Round::default();
    let mut touched = FxHashSet::default();
    let ctx = Context {
        county: &parts.county,
        now,
    };
    if rules {
        let actor = Actor::rule("rule:overdue", parts.county.code);
        for incident in parts.world.due(now).take(most) {
            let events = plan::breaches(incident, ctx);
            if !events.is_empty() && touched.insert(incident.id) {
                round
                    .appends
                    .push(record::append_of(incident.version, &events));
                round.jobs.push(Job::rule(incident.id, actor.clone()));
            }
        }
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

fn decide_one(mut job: Job, parts: &Parts, ctx: Context<'_>, round: &mut Round) {
    let incident = parts.world.incident(job.id);
    let decided = match &mut job.ask {
        Ask::Rule => return,
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
                _ => plan::command(incident, command, &job.actor, ctx).map_err(Failure::Refused),
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

fn existing(job: Job, incident: Incident) {
    let done = Done {
        incident: Box::new(incident),
        position: Position::START,
        existed: true,
    };
    job.answer(Ok(done));
}

/// A report whose stream exists but is no longer in the World: closed long ago. Its answer is
/// folded from its own events, the last of which tells its running number.
pub(super) fn answer_from_log(job: Job, parts: &Parts) {
    let log = Arc::clone(&parts.log);
    tokio::spawn(async move {
        let records = match log
            .read_key(StreamName::Incidents, &job.id.to_string())
            .await
        {
            Ok(records) => records,
            Err(error) => return job.answer(Err(Failure::Log(error))),
        };
        let events: Vec<Event> = records
            .iter()
            .filter_map(|record| record::event_of(record).ok())
            .collect();
        match Incident::alone(&events) {
            Some(incident) => existing(job, incident),
            None => job.answer(Err(Failure::NotFound)),
        }
    });
}

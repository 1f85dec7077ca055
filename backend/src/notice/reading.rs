//! From the log to the ledger: the events of a batch, each with its incident as it left it, become
//! notices, which are written down in one append with the place in the log they bring us to.

use std::collections::hash_map::Entry as Slot;
use std::time::Duration;

use domain::actor::Role;
use domain::event::Event;
use domain::ids::{IncidentId, SessionId};
use domain::incident::Incident;
use domain::notice::chain::Fact;
use domain::notice::storm::Storm;
use domain::notice::{self, Notice, To};
use domain::world::World;
use rustc_hash::FxHashMap;

use super::Notices;
use super::book::Entry;
use crate::log::{Batch, Log, LogError, Position, StreamName};
use crate::projector::record::event_of;

/// How long to wait between two looks at how far the projector has come.
const BREATH: Duration = Duration::from_millis(20);
/// Notices in one append.
const APPEND_MAX: usize = 1_000;

/// Incidents as far as a batch has told of them.
type Known = FxHashMap<IncidentId, World>;

impl Notices {
    /// Plans a batch; answers whether this node still sends.
    pub(super) async fn plan(&self, batch: &Batch) -> Result<bool, LogError> {
        let mut known = Known::default();
        let mut storm = self.read(|book| book.storm.clone());
        let mut planned = Vec::new();
        let mut answers = Vec::new();
        let mut is_settled = false;
        for record in &batch.records {
            let event = match event_of(record) {
                Ok(event) => event,
                Err(error) => {
                    tracing::error!(%error, "unreadable record passed over");
                    continue;
                }
            };
            if let Some(world) = known.get_mut(&event.key) {
                world.apply(&event);
            }
            if record.stream == StreamName::Sessions {
                answers.extend(self.answered_member(&event, &planned));
                planned.extend(self.members(&event).await?);
            }
            if record.stream != StreamName::Incidents {
                continue;
            }
            answers.extend(self.answered(&event, &planned));
            if !notice::concerns(&event) {
                continue;
            }
            if !is_settled && !self.projector_reached(batch.to).await {
                return Ok(false);
            }
            is_settled = true;
            let Some(incident) = self.after(&event, &mut known).await? else {
                continue;
            };
            let notices = notice::plan(&event, &incident, &self.0.county);
            planned.extend(storm.sift(&event, notices, self.0.county.code));
        }
        self.write_down(planned, answers, storm, Some(batch.to))
            .await
    }

    /// Whoever acts upon an incident for an organisation has what it was told: its chain ends.
    fn answered(&self, event: &Event, planned: &[Notice]) -> Vec<Entry> {
        let actor = &event.actor;
        let Some(org) = actor.org.as_ref().filter(|_| actor.role != Role::Rule) else {
            return Vec::new();
        };
        let mut keys = self.read(|book| book.answered_by(event.key, org));
        let theirs = planned.iter().filter(|notice| {
            let is_theirs = matches!(&notice.to, To::Org(to) if to == org);
            is_theirs && notice.incident == Some(event.key) && !notice.chain.is_empty()
        });
        keys.extend(theirs.map(|notice| notice.key.clone()));
        let entry = |key| Entry::Chain {
            key,
            fact: Fact::Acknowledged {
                by: actor.id.clone(),
                at: event.at,
            },
        };
        keys.into_iter().map(entry).collect()
    }

    /// A member that has read its order, by whatever channel, needs to be tried no further.
    fn answered_member(&self, event: &Event, planned: &[Notice]) -> Vec<Entry> {
        let Some(org) = notice::answered_member(event) else {
            return Vec::new();
        };
        let mut keys = self.read(|book| book.answered_by(event.key, org));
        let theirs = planned.iter().filter(|notice| {
            let is_theirs = matches!(&notice.to, To::Org(to) if to == org);
            let is_here = notice.session.map(SessionId::key) == Some(event.key);
            is_theirs && is_here && !notice.chain.is_empty()
        });
        keys.extend(theirs.map(|notice| notice.key.clone()));
        let entry = |key| Entry::Chain {
            key,
            fact: Fact::Acknowledged {
                by: event.actor.id.clone(),
                at: event.at,
            },
        };
        keys.into_iter().map(entry).collect()
    }

    /// What an event of a session tells its members.
    async fn members(&self, event: &Event) -> Result<Vec<Notice>, LogError> {
        if !notice::concerns_members(event) {
            return Ok(Vec::new());
        }
        let key = event.key.to_string();
        let records = self.0.log.read_key(StreamName::Sessions, &key).await?;
        let mut world = World::default();
        for record in records.iter().filter(|r| r.version <= event.version) {
            if let Ok(event) = event_of(record) {
                world.apply(&event);
            }
        }
        let session = world.sessions().find(|one| one.id.key() == event.key);
        Ok(session.map_or_else(Vec::new, |session| {
            notice::plan_members(event, session, &self.0.county)
        }))
    }

    /// Hands out the digests whose minute is over; answers whether this node still sends.
    pub(super) async fn settle_storm(&self) -> Result<bool, LogError> {
        let mut storm = self.read(|book| book.storm.clone());
        let digests = storm.settle(self.0.clock.now(), self.0.county.code);
        if digests.is_empty() {
            return Ok(true);
        }
        self.write_down(digests, Vec::new(), storm, None).await
    }

    async fn write_down(
        &self,
        planned: Vec<Notice>,
        answers: Vec<Entry>,
        storm: Storm,
        to: Option<Position>,
    ) -> Result<bool, LogError> {
        let known = self.read(|book| book.cursor).unwrap_or(self.0.begin);
        let cursor = to.unwrap_or(known);
        let is_same = self.read(|book| book.storm == storm);
        let planned = planned.into_iter().map(|notice| Entry::Planned {
            notice: Box::new(notice),
        });
        let mut rest = planned.chain(answers).peekable();
        // What brings nothing about may be read once more.
        if rest.peek().is_none() && is_same && cursor.seq() < known.seq() + APPEND_MAX as u64 {
            return Ok(true);
        }
        loop {
            let mut entries: Vec<Entry> = rest.by_ref().take(APPEND_MAX).collect();
            let is_last = rest.peek().is_none();
            // A crash between two parts plans the first anew, under the same keys.
            if is_last {
                entries.push(Entry::ReadTo {
                    node: self.0.node.clone(),
                    cursor: cursor.to_string(),
                    storm: storm.clone(),
                });
            }
            if !self.append_as_sender(entries).await? {
                return Ok(false);
            }
            if is_last {
                return Ok(true);
            }
        }
    }

    /// The incident as an event left it.
    async fn after(&self, event: &Event, known: &mut Known) -> Result<Option<Incident>, LogError> {
        if let Slot::Vacant(place) = known.entry(event.key) {
            let key = event.key.to_string();
            let records = self.0.log.read_key(StreamName::Incidents, &key).await?;
            let mut world = World::default();
            for record in records.iter().filter(|r| r.version <= event.version) {
                if let Ok(event) = event_of(record) {
                    world.apply(&event);
                }
            }
            place.insert(world);
        }
        let id = event.key;
        let incident = known.get(&id).and_then(|world| world.incident(id));
        let Some(mut incident) = incident.cloned() else {
            return Ok(None);
        };
        // Its running number follows from all others: the World knows it.
        let number = self.0.projector.read(move |view| {
            let incident = view.world.incident(id);
            incident.map(|incident| incident.number)
        });
        if let Ok(Some(number)) = number.await {
            incident.number = number;
        }
        Ok(Some(incident))
    }

    /// Waits until the World stands at a place; false when the node is stopping.
    async fn projector_reached(&self, place: Position) -> bool {
        loop {
            match self.0.projector.read(|view| view.position).await {
                Ok(at) if at >= place => return true,
                Ok(_) => tokio::time::sleep(BREATH).await,
                Err(_) => return false,
            }
        }
    }

    /// The phone a reporter left with an incident.
    pub(super) async fn reporter_phone(&self, id: IncidentId) -> Option<String> {
        let key = id.to_string();
        let records = self
            .0
            .log
            .read_key(StreamName::Incidents, &key)
            .await
            .ok()?;
        let mut world = World::default();
        for event in records.iter().filter_map(|record| event_of(record).ok()) {
            world.apply(&event);
        }
        let reporter = world.incident(id)?.reporter.as_ref()?;
        reporter.phone.as_deref().and_then(super::people::number)
    }
}

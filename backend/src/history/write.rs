//! The writing half: folds the log, a batch at a time. A batch and the place it ends at are one
//! transaction, so that a crash repeats nothing and leaves nothing out. An incident enters the
//! index once it has left the World; before that it is only kept to be folded on.

use std::path::{Path, PathBuf};

use domain::event::{Body, Event, Stream};
use domain::ids::IncidentId;
use domain::incident::Incident;
use domain::time::Timestamp;
use domain::world::{KEPT_AFTER_CLOSE_MS, Numbers};
use rusqlite::{Connection, OptionalExtension, params};
use rustc_hash::FxHashMap;

use super::{keys, schema, sessions, words};
use crate::log::{Batch, Position};
use crate::projector::record;

/// Zstandard level of a kept incident: fast, a third of the size.
pub(super) const LEVEL: i32 = 1;
/// Longest kept incident, in bytes, unpacked: far more than any the log can make.
pub(super) const MAX_BODY: usize = 64 * 1024 * 1024;

/// The connection that writes, and where in the log it stands.
#[derive(Debug)]
pub struct Writer {
    path: PathBuf,
    epoch: String,
    connection: Connection,
    stands: Stands,
}

/// What is remembered between batches.
#[derive(Clone, Copy, Debug, Default)]
struct Stands {
    position: Position,
    numbers: Numbers,
    /// When the last event was recorded, in ms; what ended long enough before has left the World.
    at: i64,
}

/// An incident between reading and writing it.
#[derive(Default)]
struct Kept {
    incident: Option<Incident>,
    /// Its row in the index.
    n: Option<i64>,
    /// Whether it has a row among the current ones.
    is_current: bool,
    /// Whether it has left the World; it never comes back.
    gone: bool,
}

impl Kept {
    fn leaves_at(&self) -> Option<i64> {
        let ended_at = self.incident.as_ref()?.ended_at?;
        Some(ended_at.millis().saturating_add(KEPT_AFTER_CLOSE_MS))
    }

    fn has_left(&self, at: i64) -> bool {
        self.gone || self.leaves_at().is_some_and(|leaves| leaves <= at)
    }
}

impl Writer {
    /// Opens the history of the log `epoch` at `path`.
    ///
    /// # Errors
    /// The file can't be made or written.
    pub fn open(path: &Path, epoch: &str) -> anyhow::Result<Self> {
        let mut connection = schema::open(path, epoch)?;
        let stands = match stands(&connection) {
            Ok(stands) => stands,
            Err(error) => {
                tracing::warn!(%error, "the history can't be read and is folded anew");
                connection = schema::create(path, epoch)?;
                Stands::default()
            }
        };
        Ok(Self {
            path: path.to_owned(),
            epoch: epoch.to_owned(),
            connection,
            stands,
        })
    }

    /// Throws everything away; the log is folded anew from its beginning.
    ///
    /// # Errors
    /// The file can't be made.
    pub fn start_anew(&mut self) -> anyhow::Result<()> {
        self.connection = schema::create(&self.path, &self.epoch)?;
        self.stands = Stands::default();
        Ok(())
    }

    /// The place up to which it has folded the log.
    pub fn position(&self) -> Position {
        self.stands.position
    }

    /// As if the disk had no more room than for so many pages.
    #[cfg(test)]
    pub(super) fn limit_pages(&self, most: Option<u32>) -> rusqlite::Result<()> {
        let most = most.unwrap_or(u32::MAX - 1);
        self.connection
            .query_row(&format!("PRAGMA max_page_count = {most}"), [], |_| Ok(()))
    }

    /// Folds a batch that begins where it stands.
    ///
    /// # Errors
    /// The file can't be written or is damaged; nothing of the batch has been folded then.
    pub fn fold(&mut self, batch: &Batch) -> anyhow::Result<()> {
        let mut stands = self.stands;
        let transaction = self.connection.transaction()?;
        let mut touched: FxHashMap<IncidentId, Kept> = FxHashMap::default();
        let mut commanded = sessions::Touched::default();
        for record in &batch.records {
            // The projector has told of what can't be read.
            let Ok(event) = record::event_of(record) else {
                continue;
            };
            sessions::fold(&transaction, &event, &mut commanded)?;
            fold_one(&transaction, &event, &mut stands, &mut touched)?;
        }
        sessions::write(&transaction, commanded)?;
        let mut touched: Vec<_> = touched.into_iter().collect();
        touched.sort_unstable_by_key(|(id, _)| *id);
        for (id, kept) in touched {
            write(&transaction, id, &kept, stands.at)?;
        }
        move_left(&transaction, stands.at)?;
        stands.position = batch.to;
        remember(&transaction, stands)?;
        transaction.commit()?;
        self.stands = stands;
        Ok(())
    }
}

fn stands(connection: &Connection) -> anyhow::Result<Stands> {
    let Some(position) = schema::get(connection, "position")? else {
        return Ok(Stands::default());
    };
    let text = |name| schema::get(connection, name).map(Option::unwrap_or_default);
    Ok(Stands {
        position: position.parse()?,
        numbers: serde_json::from_str(&text("numbers")?)?,
        at: text("at")?.parse()?,
    })
}

fn remember(connection: &Connection, stands: Stands) -> anyhow::Result<()> {
    schema::put(connection, "position", &stands.position.to_string())?;
    schema::put(connection, "at", &stands.at.to_string())?;
    let numbers = serde_json::to_string(&stands.numbers)?;
    schema::put(connection, "numbers", &numbers)?;
    Ok(())
}

fn fold_one(
    connection: &Connection,
    event: &Event,
    stands: &mut Stands,
    touched: &mut FxHashMap<IncidentId, Kept>,
) -> anyhow::Result<()> {
    let number = stands.numbers.give(event);
    if event.stream == Stream::Incidents {
        if let Body::Unknown { kind, .. } = &event.body {
            connection
                .prepare_cached("INSERT OR IGNORE INTO unknown(kind) VALUES(?1)")?
                .execute([kind])?;
        }
        let kept = match touched.entry(event.key) {
            std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(load(connection, event.key)?)
            }
        };
        kept.gone = kept.has_left(stands.at);
        kept.incident = Incident::folded(kept.incident.take(), event, number.unwrap_or_default());
    }
    stands.at = stands.at.max(event.at.millis());
    Ok(())
}

fn load(connection: &Connection, id: IncidentId) -> anyhow::Result<Kept> {
    let id = id.to_bytes();
    let current: Option<Vec<u8>> = connection
        .prepare_cached("SELECT body FROM current WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    if let Some(body) = current {
        return Ok(Kept {
            incident: Some(unpack(&body)?),
            is_current: true,
            ..Kept::default()
        });
    }
    let left: Option<(i64, Vec<u8>)> = connection
        .prepare_cached("SELECT n, body FROM incidents WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((n, body)) = left else {
        return Ok(Kept::default());
    };
    Ok(Kept {
        incident: Some(unpack(&body)?),
        n: Some(n),
        gone: true,
        is_current: false,
    })
}

/// One incident, by its id.
pub(super) fn one(connection: &Connection, id: IncidentId) -> anyhow::Result<Option<Incident>> {
    Ok(load(connection, id)?.incident)
}

fn write(connection: &Connection, id: IncidentId, kept: &Kept, at: i64) -> anyhow::Result<()> {
    let Some(incident) = &kept.incident else {
        return Ok(());
    };
    let body = pack(incident)?;
    if !kept.has_left(at) {
        connection
            .prepare_cached(
                "INSERT OR REPLACE INTO current(id, leaves_at, body) VALUES(?1, ?2, ?3)",
            )?
            .execute(params![id.to_bytes(), kept.leaves_at(), body])?;
        return Ok(());
    }
    if kept.is_current {
        forget_current(connection, id.to_bytes())?;
    }
    if let Some(n) = kept.n {
        take_out(connection, n)?;
    }
    put_in(connection, kept.n, incident, &body)
}

/// Moves what time alone has made leave the World.
fn move_left(connection: &Connection, at: i64) -> anyhow::Result<()> {
    let mut due =
        connection.prepare_cached("SELECT id, body FROM current WHERE leaves_at <= ?1")?;
    let due: Vec<([u8; 16], Vec<u8>)> = due
        .query_map([at], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (id, body) in due {
        forget_current(connection, id)?;
        put_in(connection, None, &unpack(&body)?, &body)?;
    }
    Ok(())
}

fn forget_current(connection: &Connection, id: [u8; 16]) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM current WHERE id = ?1")?
        .execute([id])
        .map(drop)
}

fn take_out(connection: &Connection, n: i64) -> rusqlite::Result<()> {
    for statement in [
        "DELETE FROM incidents WHERE n = ?1",
        "DELETE FROM words WHERE rowid = ?1",
        "DELETE FROM persons WHERE n = ?1",
    ] {
        connection.prepare_cached(statement)?.execute([n])?;
    }
    Ok(())
}

fn put_in(
    connection: &Connection,
    n: Option<i64>,
    incident: &Incident,
    body: &[u8],
) -> anyhow::Result<()> {
    let n = match n {
        Some(n) => n,
        None => free_place(connection, incident)?,
    };
    connection
        .prepare_cached("INSERT INTO incidents(n, id, body) VALUES(?1, ?2, ?3)")?
        .execute(params![n, incident.id.to_bytes(), body])?;
    let [shown, kept, guarded] = texts(incident);
    connection
        .prepare_cached(
            "INSERT INTO words(rowid, shown, kept, guarded, keys) VALUES(?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![n, shown, kept, guarded, keys::of(incident)])?;
    for person in keys::persons(incident) {
        connection
            .prepare_cached("INSERT OR IGNORE INTO persons(who, n) VALUES(?1, ?2)")?
            .execute(params![person, n])?;
    }
    Ok(())
}

/// The first free one of the places that an incident may have.
fn free_place(connection: &Connection, incident: &Incident) -> anyhow::Result<i64> {
    let first = keys::place(keys::key_of(incident));
    let mut taken = connection.prepare_cached("SELECT 1 FROM incidents WHERE n = ?1")?;
    for n in first..first.saturating_add(keys::SHARED_PLACES) {
        if !taken.exists([n])? {
            return Ok(n);
        }
    }
    anyhow::bail!(
        "{} incidents came in at {first} at once",
        keys::SHARED_PLACES
    )
}

/// The terms of what everyone may search, of what a wall may not, and of what is sensitive.
fn texts(incident: &Incident) -> [String; 3] {
    let kept = words::terms(&kept_texts(incident).join("\n"));
    let mut shown = words::terms(&shown_texts(incident).join("\n"));
    let label = words::terms(&incident.label());
    if incident.sensitive {
        shown.push(' ');
        shown.push_str(&kept);
        return [label, String::new(), shown];
    }
    shown.push(' ');
    shown.push_str(&label);
    [shown, kept, String::new()]
}

/// What a search for words looks at, of an incident as somebody is shown it.
pub(super) fn all_texts(incident: &Incident) -> Vec<&str> {
    let mut all = shown_texts(incident);
    all.extend(kept_texts(incident));
    all
}

fn shown_texts(incident: &Incident) -> Vec<&str> {
    let address = incident.place.address.as_deref();
    let mut texts = vec![incident.title.as_str(), incident.external_id.as_str()];
    texts.extend(address);
    texts
}

fn kept_texts(incident: &Incident) -> Vec<&str> {
    let texts = [incident.description.as_deref(), incident.result.as_deref()];
    texts.into_iter().flatten().collect()
}

fn pack(incident: &Incident) -> anyhow::Result<Vec<u8>> {
    Ok(zstd::bulk::compress(&serde_json::to_vec(incident)?, LEVEL)?)
}

/// A kept incident.
pub(super) fn unpack(body: &[u8]) -> anyhow::Result<Incident> {
    Ok(serde_json::from_slice(&zstd::bulk::decompress(
        body, MAX_BODY,
    )?)?)
}

/// What is remembered of the last event, for whoever looks at the file from outside.
pub(super) fn last_event(connection: &Connection) -> anyhow::Result<Timestamp> {
    Ok(Timestamp::from_millis(stands(connection)?.at))
}

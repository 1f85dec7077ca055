//! Sessions of all time: one of the World while it is open and recent, here also afterwards, so that
//! its report can be read as long as the log is kept. There are few, so each is kept whole.

use domain::event::{Body, Event, Stream};
use domain::ids::SessionId;
use domain::session::Session;
use domain::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use rustc_hash::FxHashMap;

use super::write::{LEVEL, MAX_BODY};

/// Most sessions read for one answer; a county ends some thousands a year.
pub const MAX_SESSIONS: usize = 20_000;
/// What the names of unknown events of sessions begin with, among those of incidents.
const UNKNOWN: &str = "session/";

/// Sessions between reading and writing them.
pub(super) type Touched = FxHashMap<SessionId, Option<Session>>;

/// Folds one event, if it is one of a session.
pub(super) fn fold(
    connection: &Connection,
    event: &Event,
    touched: &mut Touched,
) -> anyhow::Result<()> {
    if event.stream != Stream::Sessions {
        return Ok(());
    }
    if let Body::Unknown { kind, .. } = &event.body {
        connection
            .prepare_cached("INSERT OR IGNORE INTO unknown(kind) VALUES(?1)")?
            .execute([format!("{UNKNOWN}{kind}")])?;
    }
    let id = SessionId::of_key(event.key);
    let kept = match touched.entry(id) {
        std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
        std::collections::hash_map::Entry::Vacant(entry) => entry.insert(one(connection, id)?),
    };
    *kept = Session::folded(kept.take(), event);
    Ok(())
}

/// Whether a kind of event, by its kept name, is one of a session: then its own name.
pub(super) fn unknown(kind: &str) -> Option<&str> {
    kind.strip_prefix(UNKNOWN)
}

/// Writes what a batch changed.
pub(super) fn write(connection: &Connection, touched: Touched) -> anyhow::Result<()> {
    let mut all: Vec<Session> = touched.into_values().flatten().collect();
    all.sort_unstable_by_key(|one| one.id);
    for session in all {
        let body = zstd::bulk::compress(&serde_json::to_vec(&session)?, LEVEL)?;
        let ended_at = session.ended_at.map(Timestamp::millis);
        connection
            .prepare_cached(
                "INSERT OR REPLACE INTO sessions(id, ended_at, body) VALUES(?1, ?2, ?3)",
            )?
            .execute(params![session.id.key().to_bytes(), ended_at, body])?;
    }
    Ok(())
}

/// One session.
pub(super) fn one(connection: &Connection, id: SessionId) -> anyhow::Result<Option<Session>> {
    let body: Option<Vec<u8>> = connection
        .prepare_cached("SELECT body FROM sessions WHERE id = ?1")?
        .query_row([id.key().to_bytes()], |row| row.get(0))
        .optional()?;
    body.map(|body| unpack(&body)).transpose()
}

/// Those that ended at or after `from` and before `to`, the last first, [`MAX_SESSIONS`] at most,
/// of which `keep` makes something.
pub(super) fn ended<T>(
    connection: &Connection,
    from: Timestamp,
    to: Timestamp,
    keep: impl Fn(Session) -> Option<T>,
) -> anyhow::Result<Vec<T>> {
    let mut asked = connection.prepare_cached(
        "SELECT body FROM sessions WHERE ended_at >= ?1 AND ended_at < ?2
         ORDER BY ended_at DESC, id LIMIT ?3",
    )?;
    let most = i64::try_from(MAX_SESSIONS).unwrap_or(i64::MAX);
    let mut rows = asked.query(params![from.millis(), to.millis(), most])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        match unpack(row.get_ref(0)?.as_blob()?) {
            Ok(session) => found.extend(keep(session)),
            Err(error) => tracing::error!(%error, "unreadable session of the history passed over"),
        }
    }
    Ok(found)
}

fn unpack(body: &[u8]) -> anyhow::Result<Session> {
    Ok(serde_json::from_slice(&zstd::bulk::decompress(
        body, MAX_BODY,
    )?)?)
}

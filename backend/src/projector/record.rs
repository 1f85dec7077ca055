//! Between the log's records, which are text, and the domain's events.

use domain::event::{Body, Event, Stream};

use crate::log::{Append, NewRecord, Record, StreamName};

/// Why a record is no event.
#[derive(Debug, thiserror::Error)]
#[error("{field} of {key} version {version} cannot be read: {why}")]
pub struct RecordError {
    field: &'static str,
    key: String,
    version: u64,
    why: String,
}

/// The event a record holds.
///
/// # Errors
/// Its envelope is damaged. A type this version does not know is no error.
pub fn event_of(record: &Record) -> Result<Event, RecordError> {
    let wrong = |field, why: String| RecordError {
        field,
        key: record.key.clone(),
        version: record.version,
        why,
    };
    let stream = match record.stream {
        StreamName::Incidents => Stream::Incidents,
        StreamName::Sessions => Stream::Sessions,
        StreamName::Deployments => Stream::Deployments,
    };
    Ok(Event {
        stream,
        key: record
            .key
            .parse()
            .map_err(|e: uuid::Error| wrong("key", e.to_string()))?,
        version: record.version,
        at: record
            .at
            .parse()
            .map_err(|e: domain::time::TimeError| wrong("at", e.to_string()))?,
        actor: serde_json::from_str(&record.actor).map_err(|e| wrong("actor", e.to_string()))?,
        region: record
            .region
            .parse()
            .map_err(|e: geodata::region::CodeError| wrong("region", e.to_string()))?,
        number: None,
        body: Body::read(stream, &record.kind, &record.data),
    })
}

fn stream_of(event: &Event) -> StreamName {
    match event.stream {
        Stream::Incidents => StreamName::Incidents,
        Stream::Sessions => StreamName::Sessions,
        Stream::Deployments => StreamName::Deployments,
    }
}

/// The append that puts the events of one decision into the log.
pub fn append_of(expected: u64, events: &[Event]) -> Append {
    let key = events
        .first()
        .map(|event| event.key.to_string())
        .unwrap_or_default();
    let records = events
        .iter()
        .map(|event| NewRecord {
            at: event.at.to_string(),
            actor: serde_json::to_string(&event.actor).unwrap_or_default(),
            region: event.region.to_string(),
            kind: event.body.kind().to_owned(),
            data: match &event.body {
                Body::Incident(body) => serde_json::to_string(body).unwrap_or_default(),
                Body::Session(body) => serde_json::to_string(body).unwrap_or_default(),
                Body::Unit(body) => serde_json::to_string(body).unwrap_or_default(),
                Body::Mode(body) => serde_json::to_string(body).unwrap_or_default(),
                Body::Alarm(data) | Body::Wall(data) | Body::Unknown { data, .. } => data.clone(),
                // Nothing decides these: they are only ever sent to a viewer.
                Body::Shared(_) | Body::SharedSession(_) | Body::Withdrawn => "{}".to_owned(),
            },
        })
        .collect();
    Append {
        stream: events.first().map_or(StreamName::Incidents, stream_of),
        key,
        expected,
        records,
    }
}

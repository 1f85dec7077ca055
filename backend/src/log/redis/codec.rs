//! Between stream entries and records: commands that read, merging the three streams into one row,
//! and the proof that nothing is missing from it.

use redis::{Cmd, Value};

use super::super::{LogError, Position, Record, StreamName};
use super::keys::Keys;

/// How far each of the three streams has been read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor {
    /// After the newest record handed out.
    pub(super) position: Position,
    /// Differ from `position` only past entries that somebody else wrote.
    streams: [Position; 3],
}

impl Cursor {
    pub(super) fn new(from: Position) -> Self {
        Self {
            position: from,
            streams: [from; 3],
        }
    }

    /// Reads at most `count` entries from each stream; waits for one if `block_millis` is given.
    pub(super) fn command(&self, keys: &Keys, count: usize, block_millis: Option<u64>) -> Cmd {
        let mut command = redis::cmd("XREAD");
        command.arg("COUNT").arg(count);
        if let Some(millis) = block_millis {
            command.arg("BLOCK").arg(millis);
        }
        command.arg("STREAMS").arg(&keys.streams);
        for at in self.streams {
            command.arg(entry_id(at));
        }
        command
    }

    /// The records of a reply in log order, at most `count`; the cursor moves past them.
    pub(super) fn take(
        &mut self,
        keys: &Keys,
        count: usize,
        reply: Value,
    ) -> Result<Taken, LogError> {
        let streams = reply_streams(keys, reply)?;
        let Entries {
            mut rows,
            complete_to,
        } = merge(streams, count);
        rows.retain(|row| complete_to.is_none_or(|limit| row.0 <= limit));
        rows.truncate(count);
        let mut records = Vec::with_capacity(rows.len());
        let mut next = *self;
        for (position, stream, record) in rows {
            let expected = next.position.seq() + 1;
            next.streams[stream.index()] = position;
            match record {
                Some(record) if position.seq() == expected => {
                    next.position = position;
                    records.push(record);
                }
                Some(_) if position.seq() > expected => {
                    return Ok(Taken::Gap {
                        expected,
                        found: position,
                    });
                }
                _ => {
                    tracing::warn!(%stream, entry = %position, "skipped an entry that Gridlamp did not write");
                }
            }
        }
        for at in &mut next.streams {
            *at = next.position.max(*at);
        }
        *self = next;
        Ok(Taken::Records(records))
    }
}

/// What a reply held.
pub(super) enum Taken {
    Records(Vec<Record>),
    /// A record is missing before `found`; the cursor has not moved.
    Gap {
        expected: u64,
        found: Position,
    },
}

type Row = (Position, StreamName, Option<Record>);

struct Entries {
    rows: Vec<Row>,
    // A stream that was cut off at COUNT may hold more before the others' later entries.
    complete_to: Option<Position>,
}

fn merge(streams: Vec<Vec<Row>>, count: usize) -> Entries {
    let complete_to = streams
        .iter()
        .filter(|rows| rows.len() >= count)
        .filter_map(|rows| rows.last().map(|row| row.0))
        .min();
    let mut rows: Vec<Row> = streams.into_iter().flatten().collect();
    rows.sort_by_key(|row| row.0);
    Entries { rows, complete_to }
}

fn reply_streams(keys: &Keys, reply: Value) -> Result<Vec<Vec<Row>>, LogError> {
    match reply {
        Value::Nil => Ok(Vec::new()),
        Value::Array(streams) => streams
            .into_iter()
            .map(|stream| stream_rows(keys, stream))
            .collect(),
        other => Err(unexpected(&other)),
    }
}

fn stream_rows(keys: &Keys, value: Value) -> Result<Vec<Row>, LogError> {
    let [name, entries] = fixed(value)?;
    let name = text(name)?;
    let stream = StreamName::ALL
        .into_iter()
        .find(|stream| keys.streams[stream.index()] == name)
        .ok_or_else(|| {
            LogError::corrupt(format!(
                "Redis answered about {name:?}, which was not asked"
            ))
        })?;
    rows(stream, entries)
}

/// The entries of one stream, as XREAD and XRANGE give them.
pub(super) fn rows(stream: StreamName, entries: Value) -> Result<Vec<Row>, LogError> {
    let Value::Array(entries) = entries else {
        return Err(unexpected(&entries));
    };
    entries
        .into_iter()
        .map(|entry| row(stream, entry))
        .collect()
}

fn row(stream: StreamName, entry: Value) -> Result<Row, LogError> {
    let [id, fields] = fixed(entry)?;
    let id = text(id)?;
    let position: Position = id
        .parse()
        .map_err(|_| LogError::corrupt(format!("{id:?} is no entry id")))?;
    let Value::Array(fields) = fields else {
        return Err(unexpected(&fields));
    };
    Ok((position, stream, record(position, stream, fields)))
}

/// `None` for an entry that lacks a field: no record of ours.
fn record(position: Position, stream: StreamName, fields: Vec<Value>) -> Option<Record> {
    let [
        mut key,
        mut version,
        mut at,
        mut actor,
        mut region,
        mut kind,
        mut data,
    ] = [const { None::<String> }; 7];
    let mut fields = fields.into_iter();
    while let (Some(Value::BulkString(name)), Some(value)) = (fields.next(), fields.next()) {
        let slot = match name.as_slice() {
            b"key" => &mut key,
            b"version" => &mut version,
            b"at" => &mut at,
            b"actor" => &mut actor,
            b"region" => &mut region,
            b"type" => &mut kind,
            b"data" => &mut data,
            _ => continue,
        };
        *slot = text(value).ok();
    }
    Some(Record {
        position,
        stream,
        key: key?,
        version: version?.parse().ok()?,
        at: at?,
        actor: actor?,
        region: region?,
        kind: kind?,
        data: data?,
    })
}

/// How Redis writes an entry id.
pub(super) fn entry_id(position: Position) -> String {
    format!("{}-{}", position.millis(), position.seq())
}

/// The entry ids that an index holds.
pub(super) fn index_entries(index: &[u8]) -> impl Iterator<Item = Position> + '_ {
    let number = |bytes: &[u8]| {
        bytes
            .iter()
            .fold(0_u64, |n, byte| n << 8 | u64::from(*byte))
    };
    index
        .chunks_exact(16)
        .map(move |id| Position::from_entry(number(&id[..8]), number(&id[8..])))
}

fn fixed<const N: usize>(value: Value) -> Result<[Value; N], LogError> {
    match value {
        Value::Array(items) => items
            .try_into()
            .map_err(|items: Vec<Value>| unexpected(&Value::Array(items))),
        other => Err(unexpected(&other)),
    }
}

fn text(value: Value) -> Result<String, LogError> {
    match value {
        Value::BulkString(bytes) => String::from_utf8(bytes)
            .map_err(|_| LogError::corrupt("an entry holds text that is not UTF-8")),
        Value::SimpleString(text) => Ok(text),
        other => Err(unexpected(&other)),
    }
}

fn unexpected(value: &Value) -> LogError {
    let mut seen = format!("{value:?}");
    seen.truncate(seen.floor_char_boundary(200));
    LogError::corrupt(format!("Redis gave an answer of an unknown shape: {seen}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bulk(text: &str) -> Value {
        Value::BulkString(text.as_bytes().to_vec())
    }

    fn entry(id: &str) -> Value {
        let fields = [
            "key", "k", "version", "1", "at", "t", "actor", "{}", "region", "330899", "type", "x",
            "data", "{}",
        ];
        Value::Array(vec![bulk(id), Value::Array(fields.map(bulk).to_vec())])
    }

    fn reply(keys: &Keys, streams: &[(usize, &[&str])]) -> Value {
        let stream = |(index, ids): &(usize, &[&str])| {
            Value::Array(vec![
                bulk(&keys.streams[*index]),
                Value::Array(ids.iter().map(|id| entry(id)).collect()),
            ])
        };
        Value::Array(streams.iter().map(stream).collect())
    }

    fn seqs(taken: Taken) -> Vec<u64> {
        match taken {
            Taken::Records(records) => records.iter().map(|record| record.position.seq()).collect(),
            Taken::Gap { expected, .. } => panic!("record {expected} is missing"),
        }
    }

    #[test]
    fn three_streams_become_one_row() {
        let keys = Keys::new("330899");
        let mut cursor = Cursor::new(Position::START);
        let value = reply(&keys, &[(0, &["5-1", "6-4"]), (1, &["5-2"]), (2, &["5-3"])]);
        assert_eq!(seqs(cursor.take(&keys, 10, value).unwrap()), [1, 2, 3, 4]);
        assert_eq!(cursor.position, Position::from_entry(6, 4));
    }

    #[test]
    fn a_stream_cut_off_at_the_count_holds_the_others_back() {
        let keys = Keys::new("330899");
        let mut cursor = Cursor::new(Position::START);
        let value = reply(&keys, &[(0, &["5-1", "5-2"]), (1, &["5-4"])]);
        assert_eq!(seqs(cursor.take(&keys, 2, value).unwrap()), [1, 2]);
        let value = reply(&keys, &[(0, &["5-3"]), (1, &["5-4"])]);
        assert_eq!(seqs(cursor.take(&keys, 2, value).unwrap()), [3, 4]);
    }

    #[test]
    fn a_missing_record_is_told_and_the_cursor_stays() {
        let keys = Keys::new("330899");
        let mut cursor = Cursor::new(Position::START);
        let taken = cursor
            .take(&keys, 10, reply(&keys, &[(0, &["5-2"])]))
            .unwrap();
        assert!(matches!(taken, Taken::Gap { expected: 1, .. }));
        assert_eq!(cursor.position, Position::START);
    }

    #[test]
    fn entries_of_others_are_passed_over() {
        let keys = Keys::new("330899");
        let mut cursor = Cursor::new(Position::START);
        let value = reply(&keys, &[(0, &["5-1", "9-0"])]);
        assert_eq!(seqs(cursor.take(&keys, 10, value).unwrap()), [1]);
        assert_eq!(cursor.streams[0], Position::from_entry(9, 0));
        assert_eq!(cursor.streams[1], Position::from_entry(5, 1));
    }

    #[test]
    fn the_index_reads_back() {
        let mut index = 1_763_800_000_000_u64.to_be_bytes().to_vec();
        index.extend(7_u64.to_be_bytes());
        let ids: Vec<_> = index_entries(&index).collect();
        assert_eq!(ids, [Position::from_entry(1_763_800_000_000, 7)]);
    }
}

//! A look at the file from outside, beside a node that may be running: it changes nothing.

use std::path::Path;

use domain::time::Timestamp;
use rusqlite::{Connection, OpenFlags};

use super::{path, schema, write};
use crate::log::Position;

/// What the file in a folder is like.
#[derive(Clone, PartialEq, Debug)]
pub enum Looked {
    /// There is none; a node makes one.
    Absent,
    /// It can't be read, or is of another log or version: a node folds it anew.
    Unfit(String),
    /// It is sound.
    Sound {
        /// Everything in the log before this place is folded.
        position: Position,
        /// When the last event folded was recorded.
        at: Timestamp,
        /// Its size.
        bytes: u64,
    },
}

/// Looks at the history in `folder`, of the log `epoch`.
pub fn inspect(folder: &Path, epoch: &str) -> Looked {
    let path = path(folder);
    let Ok(file) = std::fs::metadata(&path) else {
        return Looked::Absent;
    };
    match look(&path, epoch) {
        Ok(Some((position, at))) => Looked::Sound {
            position,
            at,
            bytes: file.len(),
        },
        Ok(None) => Looked::Unfit("it is of another log or another version".to_owned()),
        Err(error) => Looked::Unfit(format!("it is damaged: {error:#}")),
    }
}

fn look(path: &Path, epoch: &str) -> anyhow::Result<Option<(Position, Timestamp)>> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    let fits = schema::get(&connection, "format")?.as_deref() == Some(schema::FORMAT)
        && schema::get(&connection, "epoch")?.as_deref() == Some(epoch);
    if !fits {
        return Ok(None);
    }
    let position = schema::get(&connection, "position")?;
    let position = position.map_or(Ok(Position::START), |text| text.parse())?;
    Ok(Some((position, write::last_event(&connection)?)))
}

//! What an operator should know about a log file.

use std::fs;

use super::super::Finding;
use super::{Readers, schema};

pub(super) fn findings(readers: &Readers) -> Vec<Finding> {
    vec![intact(readers), size(readers), writable(readers)]
}

fn intact(readers: &Readers) -> Finding {
    let verdict = readers.with_blocking(|connection| {
        connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0))
    });
    match verdict {
        Ok(answer) if answer == "ok" => Finding::ok("the log file is intact"),
        Ok(answer) => Finding::error(
            format!("the log file is damaged: {answer}"),
            "stop the server, keep a copy of the file, and restore it from a backup",
        ),
        Err(e) => Finding::error(
            e.to_string(),
            "mend what the sentence names, then run doctor again",
        ),
    }
}

fn size(readers: &Readers) -> Finding {
    let bytes = fs::metadata(&readers.path).map_or(0, |data| data.len());
    match readers.with_blocking(schema::head) {
        Ok(head) => Finding::ok(format!(
            "{} holds {head} events in {} MiB",
            readers.path.display(),
            bytes >> 20
        )),
        Err(e) => Finding::error(e.to_string(), "check that the file is a Gridlamp log"),
    }
}

fn writable(readers: &Readers) -> Finding {
    let mut probe = readers.path.clone().into_os_string();
    probe.push(".probe");
    let written = fs::write(&probe, [0_u8; 4096]);
    let removed = fs::remove_file(&probe);
    match written.and(removed) {
        Ok(()) => Finding::ok("the log's folder can be written"),
        Err(e) => Finding::error(
            format!("the log's folder cannot be written: {e}"),
            "free some space, or give the user that runs gridlamp the right to write there",
        ),
    }
}

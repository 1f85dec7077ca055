//! Bad days of a log file: locked, full, damaged, of another version, in a folder that is none.

use std::fs;

use rusqlite::{Connection, ffi};

use super::super::testing::{Folder, append, data, follow, health, put};
use super::super::{AppendOutcome, FindingLevel, Log, LogError, LogHealth, OpenMode, Position};
use super::{EmbeddedLog, schema};

async fn open(folder: &Folder) -> Result<EmbeddedLog, LogError> {
    EmbeddedLog::open(folder.path().join("log.db"), OpenMode::Serve).await
}

fn edit(folder: &Folder, sql: &str) {
    Connection::open(folder.path().join("log.db"))
        .unwrap()
        .execute_batch(sql)
        .unwrap();
}

#[tokio::test]
async fn only_one_server_holds_the_file() {
    let folder = Folder::new();
    let first = open(&folder).await.unwrap();
    assert!(matches!(open(&folder).await, Err(LogError::Locked { .. })));
    drop(first);
    assert!(open(&folder).await.is_ok());
}

#[tokio::test]
async fn a_newer_format_is_left_alone() {
    let folder = Folder::new();
    drop(open(&folder).await.unwrap());
    edit(&folder, "PRAGMA user_version = 7");
    assert_eq!(
        open(&folder).await.unwrap_err(),
        LogError::NewerFormat { found: 7, known: 1 }
    );
}

#[tokio::test]
async fn other_files_are_left_alone() {
    let folder = Folder::new();
    edit(&folder, "CREATE TABLE customers(name TEXT)");
    assert!(matches!(open(&folder).await, Err(LogError::Corrupt { .. })));
    fs::write(
        folder.path().join("log.db"),
        "a letter, not a database, long enough to be one at first sight".repeat(20),
    )
    .unwrap();
    assert!(matches!(open(&folder).await, Err(LogError::Corrupt { .. })));
}

#[tokio::test]
async fn a_path_that_cannot_be_is_told() {
    let folder = Folder::new();
    fs::write(folder.path().join("file"), "").unwrap();
    let below_a_file = EmbeddedLog::open(folder.path().join("file/log.db"), OpenMode::Serve).await;
    assert!(
        matches!(below_a_file, Err(LogError::Address { .. })),
        "{below_a_file:?}"
    );
    let a_folder = EmbeddedLog::open(folder.path(), OpenMode::Serve).await;
    assert!(matches!(a_folder, Err(LogError::Address { .. })));
    assert!(matches!(
        EmbeddedLog::open("", OpenMode::Serve).await,
        Err(LogError::Address { .. })
    ));
}

#[tokio::test]
async fn a_full_disk_is_told_and_got_over() {
    let folder = Folder::new();
    let log = EmbeddedLog::open_limited(folder.path().join("log.db"), 40)
        .await
        .unwrap();
    let mut tail = log.tail(Position::START);
    put(&log, append("a", 0, &["1"])).await;
    let large = "x".repeat(300_000);
    let answer = log
        .append(vec![append("a", 1, &[&large]), append("b", 0, &["lost"])])
        .await;
    assert!(matches!(answer, Err(LogError::Full { .. })), "{answer:?}");
    let LogHealth::Down { why, .. } = health(&log, false).await else {
        panic!("it is down")
    };
    assert!(why.contains("free some space"), "{why}");
    // Nothing of what failed is remembered, and what fits goes in again.
    assert_eq!(
        log.append(vec![append("b", 1, &["x"])]).await.unwrap(),
        [AppendOutcome::Conflict { actual: 0 }]
    );
    put(&log, append("a", 1, &["2"])).await;
    health(&log, true).await;
    let seen = follow(&mut tail, 2).await;
    assert_eq!(data(&seen), ["1", "2"]);
    assert_eq!(seen[1].position, Position::from_seq(2));
}

#[tokio::test]
async fn doctor_looks_into_the_file() {
    let folder = Folder::new();
    let log = open(&folder).await.unwrap();
    put(&log, append("a", 0, &["1"])).await;
    let findings = log.doctor().await;
    assert!(
        findings
            .iter()
            .all(|finding| finding.level == FindingLevel::Ok),
        "{findings:?}"
    );
}

#[test]
fn errors_of_sqlite_are_told_in_our_words() {
    let explain = |code| {
        let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
        schema::explain("/data/log.db".as_ref(), &error)
    };
    assert!(matches!(explain(ffi::SQLITE_FULL), LogError::Full { .. }));
    assert!(matches!(
        explain(ffi::SQLITE_IOERR_WRITE),
        LogError::Full { .. }
    ));
    assert!(matches!(
        explain(ffi::SQLITE_READONLY),
        LogError::ReadOnly { .. }
    ));
    assert!(matches!(
        explain(ffi::SQLITE_BUSY),
        LogError::Unavailable { .. }
    ));
    assert!(matches!(
        explain(ffi::SQLITE_CORRUPT),
        LogError::Corrupt { .. }
    ));
    assert!(matches!(
        explain(ffi::SQLITE_NOTADB),
        LogError::Corrupt { .. }
    ));
}

//! The trail on both kinds of log, kept by two nodes, and tampered with.

use std::sync::Arc;

use super::chain::Break;
use super::chain::tests::record;
use super::reach::{self, Remembered};
use super::*;
use crate::log::testing::{COUNTY, Folder, Place, RedisServer, within};
use crate::log::{LedgerName, Log};

async fn keep(log: &Arc<EventLog>, folder: &Folder, actions: &[&str]) {
    let (audit, task) = Audit::start(Arc::clone(log), COUNTY, folder.path());
    for action in actions {
        audit.record(record(action)).await.expect("is stored");
    }
    drop(audit);
    task.await.expect("ends");
}

async fn broken(log: &EventLog, folder: &Folder) -> Option<Break> {
    let places = remembered(folder.path());
    let verdict = verify(log, COUNTY, &places).await;
    verdict.expect("can be read").broken
}

async fn two_nodes_keep_one_chain(place: Place) {
    let folder = Folder::new();
    let log = Arc::new(place.open().await);
    let (one, first) = Audit::start(Arc::clone(&log), COUNTY, folder.path());
    let (two, second) = Audit::start(Arc::clone(&log), COUNTY, folder.path());
    for n in 0..20 {
        let (a, b) = (format!("a{n}"), format!("b{n}"));
        let (a, b) = tokio::join!(one.record(record(&a)), two.record(record(&b)));
        a.and(b).expect("are stored");
    }
    drop((one, two));
    first.await.and(second.await).expect("end");
    let places = remembered(folder.path());
    let verdict = verify(&log, COUNTY, &places).await.expect("read");
    assert_eq!((verdict.sound, verdict.broken), (40, None));
}

async fn a_trail_goes_on_after_a_restart(place: Place) {
    let folder = Folder::new();
    let log = Arc::new(place.open().await);
    keep(&log, &folder, &["a", "b"]).await;
    keep(&log, &folder, &["c"]).await;
    assert_eq!(broken(&log, &folder).await, None);
    let found = search(
        &log,
        &Filter {
            limit: 2,
            ..Filter::default()
        },
    )
    .await;
    let page = found.expect("found");
    let actions: Vec<_> = page.items.iter().map(|v| v.action.as_str()).collect();
    assert_eq!(actions, ["c", "b"]);
    let rest = Filter {
        before: page.next.map(|next| next.parse().expect("a number")),
        limit: 2,
        ..Filter::default()
    };
    let page = search(&log, &rest).await.expect("found");
    assert_eq!((page.items.len(), page.next), (1, None));
}

async fn a_search_keeps_to_its_filter(place: Place) {
    let folder = Folder::new();
    let log = Arc::new(place.open().await);
    keep(&log, &folder, &["people.add", "sign_in"]).await;
    let count = async |filter: Filter| {
        let filter = Filter {
            limit: 10,
            ..filter
        };
        search(&log, &filter).await.expect("found").items.len()
    };
    let text = |text: &str| Some(text.to_owned());
    let any = Filter::default;
    let at = record("x").at;
    let scope = Some("330899101".parse().expect("code"));
    let wanted = [
        (
            1,
            Filter {
                action: text("people"),
                ..any()
            },
        ),
        (
            0,
            Filter {
                who: text("李"),
                ..any()
            },
        ),
        (
            2,
            Filter {
                text: text("10.0"),
                ..any()
            },
        ),
        (
            0,
            Filter {
                outcome: text("refused"),
                ..any()
            },
        ),
        (0, Filter { scope, ..any() }),
        (
            2,
            Filter {
                from: Some(at),
                ..any()
            },
        ),
        (
            0,
            Filter {
                to: Some(at),
                ..any()
            },
        ),
    ];
    for (expected, filter) in wanted {
        let told = format!("{filter:?}");
        assert_eq!(count(filter).await, expected, "{told}");
    }
}

async fn what_was_tampered_with_is_found(place: Place) {
    let folder = Folder::new();
    let log = Arc::new(place.open().await);
    keep(&log, &folder, &["a", "b", "c", "d"]).await;
    assert_eq!(broken(&log, &folder).await, None);

    let body = log
        .ledger_read(LedgerName::Audit, 1, 1)
        .await
        .expect("read")[0]
        .body
        .clone();
    tamper(&place, 2, Some(&body.replace("\"b\"", "\"x\""))).await;
    assert_eq!(broken(&log, &folder).await, Some(Break::Changed { seq: 2 }));
    tamper(&place, 2, Some(&body)).await;
    assert_eq!(broken(&log, &folder).await, None);

    tamper(&place, 4, None).await;
    assert_eq!(
        broken(&log, &folder).await,
        Some(Break::CutOff {
            ends: 3,
            reached: 4
        })
    );
    tamper(&place, 2, None).await;
    assert_eq!(
        broken(&log, &folder).await,
        Some(Break::Missing { from: 2, to: 2 })
    );
}

async fn two_that_changed_places_are_found(place: Place) {
    let folder = Folder::new();
    let log = Arc::new(place.open().await);
    keep(&log, &folder, &["a", "b", "c", "d"]).await;
    let entries = log
        .ledger_read(LedgerName::Audit, 0, 4)
        .await
        .expect("read");
    tamper(&place, 2, Some(&entries[2].body)).await;
    tamper(&place, 3, Some(&entries[1].body)).await;
    assert_eq!(
        broken(&log, &folder).await,
        Some(Break::Unlinked { seq: 2 })
    );
}

/// A whole new chain, each link of it sound.
async fn a_trail_written_anew_is_found(place: Place) {
    let folder = Folder::new();
    let log = Arc::new(place.open().await);
    keep(&log, &folder, &["a", "b"]).await;
    wipe(&place).await;
    keep(&log, &Folder::new(), &["c", "d", "e"]).await;
    assert_eq!(
        broken(&log, &folder).await,
        Some(Break::Replaced { seq: 2 })
    );
}

/// Whoever cuts the end off while a node writes can't have that node cover it up.
async fn a_cut_is_not_covered_by_what_follows(place: Place) {
    let folder = Folder::new();
    let log = Arc::new(place.open().await);
    let (audit, task) = Audit::start(Arc::clone(&log), COUNTY, folder.path());
    for action in ["a", "b", "c"] {
        audit.record(record(action)).await.expect("is stored");
    }
    tamper(&place, 3, None).await;
    tamper(&place, 2, None).await;
    for action in ["d", "e", "f"] {
        audit.record(record(action)).await.expect("is stored");
    }
    drop(audit);
    task.await.expect("ends");
    assert_eq!(
        broken(&log, &folder).await,
        Some(Break::Replaced { seq: 3 })
    );
    // Auditors see it in the trail itself, and it stays so.
    assert_eq!(actions(&log).await, ["f", "e", "d", "audit.lost", "a"]);
    keep(&log, &folder, &["g"]).await;
    assert_eq!(
        broken(&log, &folder).await,
        Some(Break::Replaced { seq: 3 })
    );
    assert_eq!(actions(&log).await.len(), 6);
}

/// A node that only looks on remembers too.
async fn every_node_remembers_what_others_wrote(place: Place) {
    let (own, others) = (Folder::new(), Folder::new());
    let log = Arc::new(place.open().await);
    let (audit, task) = Audit::start(Arc::clone(&log), COUNTY, own.path());
    keep(&log, &others, &["a", "b"]).await;
    let remembered = async {
        while Remembered::read(own.path())
            .newest
            .is_none_or(|place| place.seq < 2)
        {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    within(remembered).await;
    drop(audit);
    task.await.expect("ends");
    tamper(&place, 2, None).await;
    assert_eq!(
        broken(&log, &own).await,
        Some(Break::CutOff {
            ends: 1,
            reached: 2
        })
    );
}

async fn the_end_is_found_from_anywhere(place: Place) {
    let log = Arc::new(place.open().await);
    assert_eq!(reach::last(&log, 0).await, Ok(None));
    assert_eq!(reach::last(&log, 9).await, Ok(None));
    let bodies = (0..37).map(|n| n.to_string()).collect();
    let appended = log.ledger_append(LedgerName::Audit, 0, bodies).await;
    appended.expect("appended");
    for known in [0, 1, 2, 36, 37, 38, 1_000] {
        let last = reach::last(&log, known).await.expect("read");
        assert_eq!(last.map(|entry| entry.seq), Some(37), "{known}");
    }
    // An end that is no record of ours does not stop the trail.
    let folder = Folder::new();
    keep(&log, &folder, &["a"]).await;
    assert_eq!(
        broken(&log, &folder).await,
        Some(Break::Unreadable { seq: 1 })
    );
}

async fn actions(log: &EventLog) -> Vec<String> {
    let filter = Filter {
        limit: 100,
        ..Filter::default()
    };
    let page = search(log, &filter).await.expect("found");
    page.items.into_iter().map(|view| view.action).collect()
}

/// Changes or takes out one record behind the program's back.
async fn tamper(place: &Place, seq: u64, body: Option<&str>) {
    if let Place::Redis(server) = place {
        return rewrite(server, seq, body).await;
    }
    let connection = raw(place);
    let done = match body {
        Some(body) => connection.execute(
            "UPDATE ledgers SET body = ?2 WHERE ledger = 1 AND seq = ?1",
            rusqlite::params![seq as i64, body],
        ),
        None => connection.execute(
            "DELETE FROM ledgers WHERE ledger = 1 AND seq = ?1",
            [seq as i64],
        ),
    };
    assert_eq!(done.expect("tampers"), 1);
}

/// Entries of a stream can't be changed: it is written anew.
async fn rewrite(server: &RedisServer, seq: u64, body: Option<&str>) {
    let key = "gridlamp:{330899}:audit";
    let mut connection = server.connect().await;
    let entries: Vec<(String, Vec<(String, String)>)> =
        server.ask(&format!("XRANGE {key} - +")).await;
    let mut all = redis::pipe();
    all.cmd("DEL").arg(key).ignore();
    for (id, fields) in entries {
        let text = if id == format!("{seq}-0") {
            body
        } else {
            Some(fields[0].1.as_str())
        };
        if let Some(text) = text {
            let add = all.cmd("XADD").arg(key).arg(id);
            add.arg("body").arg(text).ignore();
        }
    }
    all.exec_async(&mut connection).await.expect("written anew");
}

async fn wipe(place: &Place) {
    if let Place::Redis(server) = place {
        let _gone: u64 = server.ask("DEL gridlamp:{330899}:audit").await;
    } else {
        raw(place)
            .execute("DELETE FROM ledgers WHERE ledger = 1", [])
            .expect("wiped");
    }
}

fn raw(place: &Place) -> rusqlite::Connection {
    let url = place.url();
    let path = url.strip_prefix("sqlite:").expect("a file");
    rusqlite::Connection::open(path).expect("opens")
}

macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod embedded {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name(super::Place::embedded()).await; })+
        }
        mod redis_streams {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name(super::Place::redis()).await; })+
        }
    };
}

on_both!(
    two_nodes_keep_one_chain,
    a_trail_goes_on_after_a_restart,
    a_search_keeps_to_its_filter,
    what_was_tampered_with_is_found,
    two_that_changed_places_are_found,
    a_trail_written_anew_is_found,
    a_cut_is_not_covered_by_what_follows,
    every_node_remembers_what_others_wrote,
    the_end_is_found_from_anywhere,
);

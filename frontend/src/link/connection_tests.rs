//! Trips of the link, recorded as inputs and the effects they must have.

use super::*;

const E: &str = "e1";

fn live_at(position: &str) -> Connection {
    let mut c = Connection::new();
    assert_eq!(
        c.step(&Input::Start, 0.0, 0.0),
        [Effect::Open { from: None }]
    );
    assert_eq!(c.phase(), Phase::Connecting);
    let hello = Input::Hello {
        epoch: E,
        position,
        resume: Resume::Snapshot,
    };
    assert!(c.step(&hello, 10.0, 0.0).is_empty());
    assert_eq!(
        c.step(&Input::Snapshot { position }, 20.0, 0.0),
        [Effect::Fold]
    );
    assert_eq!(c.phase(), Phase::Live);
    c
}

#[test]
fn frames_in_a_row_are_folded_and_move_the_place() {
    let mut c = live_at("5");
    assert_eq!(
        c.step(&Input::Events { from: "5", to: "7" }, 30.0, 0.0),
        [Effect::Fold]
    );
    assert_eq!(c.place().map(|p| p.position.as_str()), Some("7"));
}

#[test]
fn a_hole_drops_the_socket_and_comes_back_from_what_is_certain() {
    let mut c = live_at("5");
    assert_eq!(
        c.step(&Input::Events { from: "6", to: "7" }, 30.0, 0.0),
        [Effect::Drop]
    );
    assert_eq!(c.phase(), Phase::Lost);
    let open = Effect::Open {
        from: Some("e1:5".to_owned()),
    };
    assert_eq!(c.step(&Input::Tick, 1_000.0, 0.0), [open]);
    let hello = Input::Hello {
        epoch: E,
        position: "9",
        resume: Resume::Replayed,
    };
    assert!(c.step(&hello, 1_010.0, 0.0).is_empty());
    assert_eq!(
        c.step(&Input::Events { from: "5", to: "9" }, 1_020.0, 0.0),
        [Effect::Fold]
    );
}

#[test]
fn close_codes_are_obeyed() {
    for (code, phase) in [
        (4000, Phase::Lost),
        (4001, Phase::Lost),
        (1006, Phase::Lost),
        (4002, Phase::Closed(Ended::Unpaired)),
        (4003, Phase::Closed(Ended::Outdated)),
        (4004, Phase::Closed(Ended::Refused)),
    ] {
        let mut c = live_at("5");
        let effects = c.step(&Input::Closed { code }, 50.0, 0.5);
        assert_eq!(c.phase(), phase, "{code}");
        assert_eq!(effects.contains(&Effect::Reload), code == 4003);
        let retried = c.step(&Input::Tick, 60_000.0, 0.0);
        assert_eq!(!retried.is_empty(), phase == Phase::Lost, "{code}");
    }
}

#[test]
fn silence_is_never_shown_as_calm() {
    let mut c = live_at("5");
    assert!(c.step(&Input::Tick, 10_000.0, 0.0).is_empty());
    c.step(&Input::Heard, 10_000.0, 0.0);
    assert!(
        c.step(&Input::Tick, 10_000.0 + SILENCE_MS - 1.0, 0.0)
            .is_empty()
    );
    assert_eq!(
        c.step(&Input::Tick, 10_001.0 + SILENCE_MS, 0.0),
        [Effect::Drop]
    );
    assert_eq!(c.phase(), Phase::Lost);
}

#[test]
fn a_socket_that_never_says_hello_is_given_up() {
    let mut c = Connection::new();
    c.step(&Input::Start, 0.0, 0.0);
    assert!(c.step(&Input::Tick, 5_000.0, 0.0).is_empty());
    assert_eq!(c.step(&Input::Tick, HELLO_MS + 1.0, 0.0), [Effect::Drop]);
}

#[test]
fn waits_grow_and_stay_bounded_and_spread() {
    let mut c = live_at("5");
    let mut at = 100.0;
    let mut last = 0.0;
    for round in 0..12 {
        c.step(&Input::Closed { code: 1006 }, at, 1.0);
        let wait = c.retry_at.expect("a retry is due") - at;
        assert!(
            wait >= last && wait <= BACKOFF_MAX_MS,
            "round {round}: {wait}"
        );
        last = wait;
        at += wait;
        assert!(!c.step(&Input::Tick, at, 0.0).is_empty());
    }
    let mut early = live_at("5");
    early.step(&Input::Closed { code: 1006 }, 100.0, 0.0);
    assert!(early.retry_at.expect("due") < 100.0 + BACKOFF_MIN_MS);
}

#[test]
fn another_log_is_noticed_and_its_snapshot_taken() {
    let mut c = live_at("5");
    c.step(&Input::Closed { code: 4000 }, 50.0, 0.0);
    c.step(&Input::Tick, 5_000.0, 0.0);
    let hello = Input::Hello {
        epoch: "e2",
        position: "90",
        resume: Resume::Snapshot,
    };
    assert_eq!(c.step(&hello, 5_010.0, 0.0), [Effect::OtherLog]);
    assert_eq!(
        c.step(&Input::Snapshot { position: "90" }, 5_020.0, 0.0),
        [Effect::Fold]
    );
    assert_eq!(c.place().map(|p| p.epoch.as_str()), Some("e2"));
}

#[test]
fn a_place_whose_snapshot_never_came_is_not_named_again() {
    let mut c = Connection::new();
    c.step(&Input::Start, 0.0, 0.0);
    c.step(
        &Input::Hello {
            epoch: E,
            position: "5",
            resume: Resume::Snapshot,
        },
        10.0,
        0.0,
    );
    c.step(&Input::Closed { code: 1006 }, 20.0, 0.0);
    assert_eq!(
        c.step(&Input::Tick, 5_000.0, 0.0),
        [Effect::Open { from: None }]
    );
}

#[test]
fn coming_to_the_foreground_does_not_wait_for_the_backoff() {
    let mut c = live_at("5");
    c.step(&Input::Closed { code: 1006 }, 100.0, 1.0);
    assert_eq!(c.step(&Input::Foreground, 101.0, 0.0).len(), 1);
}

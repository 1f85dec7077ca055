//! The members of a session against a stand-in that folds what they say.

use serde_json::{Value, json};

use super::handlers::MINUTE_MS;
use super::members::{Act, Look, Manner, Table, Who, desk, rating};

const NOON: i64 = 1_795_406_400_000;

fn session(id: &str) -> Value {
    let seat = |org: &str, task: &str, units: &[&str]| {
        let sent = json!({ "step": "sent", "at": NOON, "evidence": { "by": "system" } });
        json!({ "org": org, "task": task, "units": units, "marks": [sent] })
    };
    json!({
        "id": id, "stage": "ordered", "kind": "incident", "incident": "i",
        "place": { "lon": 118.9, "lat": 28.9 }, "asker": { "id": "demo-centre", "org": "c" },
        "seats": [
            seat("fire", "lead", &["f1"]), seat("police", "cooperate", &["p1"]),
            seat("village", "cooperate", &[]),
        ],
        "timeline": [], "messages": [],
    })
}

fn fold(session: &mut Value, act: &Act, now: i64) {
    let step = match act.name {
        "read" => "read",
        "acknowledge" => "acknowledged",
        "move" => "moving",
        "arrive" => "arrived",
        "work" => "working",
        "sign_off" => "done",
        "release" => "released",
        "word" => act.body["step"].as_str().expect("step"),
        _ => "",
    };
    let by = match &act.who {
        Who::Member(org) => org.clone(),
        Who::Desk => "c".to_owned(),
    };
    let whose = act.body["org"].as_str().unwrap_or(&by).to_owned();
    let seats = session["seats"].as_array_mut().expect("seats");
    if let Some(seat) = seats.iter_mut().find(|seat| seat["org"] == whose.as_str()) {
        if !step.is_empty() {
            let mark = json!({ "step": step, "at": now, "evidence": { "by": "button" } });
            seat["marks"].as_array_mut().expect("marks").push(mark);
        }
        if act.name == "vote" {
            seat["vote"] = json!({ "call": "enough" });
        }
    }
    match act.name {
        "say" => {
            let said = json!({
                "text": act.body["text"], "at": now, "by": { "org": by }, "acknowledged": [],
            });
            session["messages"]
                .as_array_mut()
                .expect("messages")
                .push(said);
        }
        "acknowledge_message" => {
            let at = act.body["message"].as_u64().expect("message") as usize;
            let seen = json!({ "by": { "org": by } });
            session["messages"][at]["acknowledged"]
                .as_array_mut()
                .expect("seen")
                .push(seen);
        }
        "control" => {
            session["stage"] = json!("under_control");
            session["timeline"] = json!([{ "what": "controlled", "at": now }]);
        }
        "close" => {
            session["stage"] = json!("ended");
            session["ended_at"] = json!(now);
        }
        _ => {}
    }
}

#[test]
fn a_session_is_seen_through_to_its_end_and_rated() {
    for number in 0..40 {
        let mut session = session(&format!("s{number}"));
        let mut now = NOON;
        let mut acts = Vec::new();
        while session["stage"] != "ended" {
            now += MINUTE_MS / 2;
            assert!(
                now < NOON + 240 * MINUTE_MS,
                "{number}: it never ends: {session}"
            );
            let table = Table::read(&session).expect("a session");
            let mut due: Vec<Act> = desk(&table, 7, now).into_iter().collect();
            due.extend(table.seats.iter().filter_map(|seat| {
                let manner = Manner::draw(7, &table.id, &seat.org);
                let look = Look {
                    table: &table,
                    seat,
                    manner,
                    now,
                    is_there: !seat.units.is_empty()
                        && now > NOON + manner.sets_out + 9 * MINUTE_MS,
                    has_app: seat.org != "village",
                };
                look.next()
            }));
            for act in &due {
                fold(&mut session, act, now);
            }
            acts.extend(due);
        }
        let by_village = Who::Member("village".to_owned());
        assert!(
            acts.iter().all(|act| act.who != by_village),
            "it has no app to press"
        );
        let closes: Vec<_> = acts.iter().filter(|act| act.name == "close").collect();
        assert!(matches!(closes[..], [one] if one.who == Who::Member("fire".to_owned())));
        let table = Table::read(&session).expect("a session");
        assert_eq!(rating(&table, 7, now), None, "nobody rates at once");
        let rated = rating(&table, 7, now + 10 * MINUTE_MS).expect("due");
        assert!((4..=5).contains(&rated["score"].as_i64().expect("score")));
    }
}

#[test]
fn most_are_prompt_and_some_are_late_or_only_claim() {
    let manners = (0..400).map(|n| Manner::draw(7, "s", &format!("o{n}")));
    let late = manners
        .clone()
        .filter(|one| one.sets_out > 10 * MINUTE_MS)
        .count();
    assert!((20..120).contains(&late), "{late}");
    assert_eq!(Manner::draw(7, "s", "o1"), Manner::draw(7, "s", "o1"));
}

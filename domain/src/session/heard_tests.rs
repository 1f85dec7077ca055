//! What sounds in a room and what a wall is sent, on a scene with a session.

use super::command::Command;
use super::tests::Scene;
use super::*;
use crate::access::Viewer;
use crate::actor::{Actor, Clearance, Role};
use crate::alarm::{self, Alarm};
use crate::pack::orgs::OrgKind;
use crate::time::Span;
use crate::wall::{self, Show};
use crate::world::World;

fn ordered() -> (Scene, SessionId) {
    let mut scene = Scene::new();
    let (wish, centre) = (scene.wish(true), scene.centre());
    let id = scene.open(&wish, &centre).expect("opened");
    (scene, id)
}

fn acknowledge(scene: &mut Scene, wanted: &[Alarm], who: &Actor) -> Result<(), String> {
    let (world, county) = (&scene.world, &scene.county);
    let events = alarm::acknowledge(wanted, who, world, county, scene.now);
    let events = events.map_err(|refusal| refusal.code)?;
    scene.fold(events);
    Ok(())
}

#[test]
fn a_session_sounds_until_a_desk_acknowledges_it_and_the_others_know_who() {
    let (mut scene, id) = ordered();
    let opened = Alarm::Opened { session: id };
    let sounds = |scene: &Scene| alarm::sounding(&scene.world, scene.now);
    assert!(
        sounds(&scene)
            .iter()
            .any(|one| one.alarm == opened && one.acknowledged.is_none())
    );
    let wall = Actor::new("w", Role::Wall, scene.county.code);
    assert_eq!(
        acknowledge(&mut scene, &[], &wall),
        Err("role_may_not".to_owned())
    );
    let centre = scene.centre();
    acknowledge(&mut scene, std::slice::from_ref(&opened), &centre).expect("acknowledged");
    let by = alarm::acknowledged(&scene.world)
        .next()
        .map(|one| one.by.id);
    assert_eq!(by, Some(centre.id.clone()));
    assert_eq!(
        acknowledge(&mut scene, std::slice::from_ref(&opened), &centre),
        Err("nothing_sounds".to_owned())
    );
    // A wall is told that somebody did, and for which organisation; never who.
    let viewer = Viewer::of_region(scene.county.code, Clearance::Wall);
    let seen = scene.world.seen_by(&viewer);
    let seen = alarm::acknowledged(&seen).next().expect("seen");
    assert!(seen.by.id.is_empty() && seen.by.org == centre.org);
    scene.now = scene.now + alarm::ANNOUNCED;
    assert!(
        sounds(&scene).iter().all(|one| one.alarm != opened),
        "an hour is over"
    );
}

#[test]
fn a_late_unit_sounds_and_another_region_may_not_silence_it() {
    let (mut scene, id) = ordered();
    scene.now = scene.now + Span::secs(601);
    let ctx = scene.ctx();
    let session = ctx.world.session(id).expect("session");
    let due = plan::due(session, ctx);
    scene.fold(due);
    let late = alarm::sounding(&scene.world, scene.now);
    let late: Vec<_> = late
        .into_iter()
        .filter(|one| matches!(one.alarm, Alarm::Late { .. }))
        .collect();
    assert_eq!(late.len(), 4, "each of four");
    let region = scene.world.session(id).expect("session").region;
    let rooms = scene.orgs(OrgKind::CommandRoom);
    let mut rooms = rooms.iter().map(|room| scene.head(room));
    let other = rooms.find(|room| !room.covers(region));
    if let Some(other) = other {
        let wanted = [late[0].alarm.clone()];
        let refused = acknowledge(&mut scene, &wanted, &other);
        assert_eq!(refused, Err("outside_scope".to_owned()));
    }
    let centre = scene.centre();
    acknowledge(&mut scene, &[], &centre).expect("all at once");
    let left = alarm::sounding(&scene.world, scene.now);
    assert!(left.iter().all(|one| one.acknowledged.is_some()));
    let text = serde_json::to_string(&scene.world).expect("json");
    let again: World = serde_json::from_str(&text).expect("world");
    assert!(again == scene.world, "what was acknowledged is stored");
}

#[test]
fn a_wall_shows_what_it_was_sent_until_its_time_is_over() {
    let (mut scene, id) = ordered();
    let region = scene.world.session(id).expect("session").region;
    let steer = |scene: &Scene, scope, show: Option<Show>, minutes, who: &Actor| {
        let wish = wall::Wish {
            wall: "w1".to_owned(),
            scope,
            show,
            minutes,
        };
        wall::steer(&wish, who, &scene.world, &scene.county, scene.now)
            .map_err(|refusal| refusal.code)
    };
    let centre = scene.centre();
    let code = scene.county.code;
    let session = || Some(Show::Session(id));
    let event = steer(&scene, code, session(), 10, &centre).expect("sent");
    scene.fold(vec![event]);
    let shown = |scene: &Scene, secs| {
        let now = scene.now + Span::secs(secs);
        let steering = wall::steering(&scene.world, scene.county.code, "w1").expect("steered");
        steering.shown(now).cloned()
    };
    assert_eq!(shown(&scene, 599), session());
    assert_eq!(shown(&scene, 600), None, "back in rotation by itself");
    let back = steer(&scene, code, None, 10, &centre).expect("back");
    assert_eq!(back.version, 2);
    scene.fold(vec![back]);
    assert_eq!(shown(&scene, 1), None);

    let bad = wall::Asked::View {
        west: 119.0,
        south: 28.0,
        east: 118.0,
        north: 29.0,
    };
    let bad = Some(Show::from(&bad));
    assert_eq!(
        steer(&scene, code, bad, 10, &centre),
        Err("not_a_view".to_owned())
    );
    assert_eq!(
        steer(&scene, code, session(), 0, &centre),
        Err("out_of_range".to_owned())
    );
    let villager = Actor::new("v", Role::Village, region);
    assert_eq!(
        steer(&scene, region, None, 1, &villager),
        Err("role_may_not".to_owned())
    );
    let mut room = centre.clone();
    (room.role, room.scope) = (Role::CommandRoom, region);
    assert_eq!(
        steer(&scene, code, None, 1, &room),
        Err("outside_scope".to_owned())
    );
    let near = super::tests::code("330899999");
    assert_eq!(
        steer(&scene, near, session(), 1, &centre),
        Err("not_on_this_wall".to_owned())
    );
}

#[test]
fn statuses_in_one_walk_are_those_told_one_by_one() {
    let (mut scene, id) = ordered();
    let session = scene.world.session(id).expect("session").clone();
    let ctx = scene.ctx();
    let who = scene.head(&session.seats[1].org);
    let command = Command::Move { occurred_at: None };
    let events = plan::command(&session, &command, &who, ctx).expect("moves");
    scene.fold(events);
    let ids: Vec<_> = scene
        .county
        .units
        .iter()
        .map(|unit| unit.id.clone())
        .collect();
    let all = crate::deployment::statuses(&scene.world, &ids);
    for (unit, status) in &all {
        let alone = crate::deployment::standing(&scene.world, unit).status;
        assert_eq!(*status, alone, "{unit}");
    }
    assert!(
        all.iter()
            .any(|(_, status)| *status == crate::deployment::Status::Moving)
    );
}

#[test]
fn what_sounds_and_what_is_shown_are_texts_that_read_back() {
    let (scene, id) = ordered();
    let org = scene.orgs(OrgKind::Unit)[0].clone();
    let incident = scene.world.incidents().next().expect("incident").id;
    let late = |clock| Alarm::Late {
        session: id,
        org: org.clone(),
        clock,
    };
    for alarm in [
        Alarm::Red {
            incident,
            due: scene.now,
        },
        Alarm::Opened { session: id },
        late(SeatClock::Muster),
        late(SeatClock::Respond),
    ] {
        let text = serde_json::to_string(&alarm).expect("json");
        assert_eq!(serde_json::from_str::<Alarm>(&text).expect(&text), alarm);
    }
    for bad in ["\"\"", "\"red:x:1\"", "\"opened:\"", "\"late:1:2\"", "7"] {
        assert!(serde_json::from_str::<Alarm>(bad).is_err(), "{bad}");
        assert!(serde_json::from_str::<Show>(bad).is_err(), "{bad}");
    }
    let view = Show::View([118_400_000, 28_800_000, 118_600_000, 29_000_000]);
    for show in [Show::Session(id), Show::Incident(incident), view] {
        let text = serde_json::to_string(&show).expect("json");
        assert_eq!(serde_json::from_str::<Show>(&text).expect(&text), show);
        assert_eq!(Show::from(&wall::Asked::from(&show)), show);
    }
}

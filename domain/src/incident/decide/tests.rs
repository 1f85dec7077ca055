//! The rows of the table that a random walk seldom reaches, each by its letter.

use crate::actor::{Actor, Role};
use crate::incident::clock::ClockKind;
use crate::incident::command::Command;
use crate::incident::event::{Ground, IncidentEvent, Outcome};
use crate::incident::{Incident, OrderState, State};
use crate::lamp::Lamp;
use crate::pack::County;
use crate::pack::limits::Severity;
use crate::pack::orgs::{OrgId, OrgKind};
use crate::time::{Span, Timestamp};
use crate::walk_tests::wishes;
use crate::walk_tests::{Walk, start};
use crate::wire::receipt::ReceiptView;

/// One incident, and everybody who might act on it.
struct Case {
    walk: Walk,
}

impl Case {
    /// Reported under a category and, the duties being clear, with its unit.
    fn of(category: &str) -> Self {
        let mut walk = Walk::new();
        walk.report(Some(category));
        Self { walk }
    }

    fn incident(&self) -> &Incident {
        self.walk.world.incidents().next().expect("incident")
    }

    fn county(&self) -> &County {
        &self.walk.county
    }

    fn person(&self, id: &OrgId) -> Actor {
        wishes::of(self.county().orgs.get(id).expect("org"))
    }

    fn holder(&self) -> Actor {
        self.person(&self.incident().holder().expect("holder").org)
    }

    fn room(&self) -> Actor {
        self.person(self.county().orgs.room_for(self.incident().region))
    }

    fn centre(&self) -> Actor {
        self.person(self.county().orgs.centre())
    }

    fn leaders(&self) -> Actor {
        wishes::of(self.county().orgs.leaders().expect("leaders"))
    }

    fn unit(&self, kind: OrgKind) -> OrgId {
        let all = self.county().orgs.iter().filter(|org| org.kind == kind);
        let held = self.incident().holder().map(|hold| hold.org.clone());
        let other = all
            .map(|org| org.id.clone())
            .find(|id| Some(id) != held.as_ref());
        other.expect("another")
    }

    fn reporter(&self) -> Actor {
        Actor::new("grid", Role::Source, self.county().code)
    }

    #[allow(
        clippy::needless_pass_by_value,
        reason = "a command is made where it is given"
    )]
    fn does(&mut self, who: &Actor, command: Command) {
        self.walk.ask(&command, who).expect("allowed");
    }

    #[allow(clippy::needless_pass_by_value, reason = "as above")]
    fn refuses(&mut self, who: &Actor, command: Command) -> String {
        self.walk.ask(&command, who).expect_err("refused")
    }

    fn later(&mut self, span: Span) {
        self.walk.now = self.walk.now + span;
        self.walk.rules();
    }

    fn working(&mut self) {
        let holder = self.holder();
        self.does(&holder, Command::Start {});
    }

    fn told(&mut self) {
        let holder = self.holder();
        self.does(
            &holder,
            Command::Feedback {
                result: "已修复".to_owned(),
                evidence: vec![],
            },
        );
    }

    fn finish(&self) -> Timestamp {
        self.incident().deadline().expect("deadline")
    }
}

fn why() -> String {
    "原因如附件".to_owned()
}

fn dispatch(to: &OrgId) -> Command {
    Command::Dispatch {
        to: Some(to.clone()),
        cooperators: vec![],
        reason: None,
    }
}

#[test]
fn more_time_is_asked_before_the_deadline_and_given_by_somebody_else() {
    let mut case = Case::of("0604");
    case.working();
    let (holder, room) = (case.holder(), case.room());
    let first = case.finish();
    let ask = |until| Command::AskExtension {
        reason: why(),
        until,
    };
    let grant = Command::GrantExtension { note: None };
    assert_eq!(case.refuses(&holder, ask(first)), "wrong_until");
    assert_eq!(
        case.refuses(&holder, ask(first + Span::days(60))),
        "wrong_until"
    );
    assert_eq!(case.refuses(&room, grant.clone()), "nothing_asked");
    case.does(&holder, ask(first + Span::days(1)));
    assert_eq!(
        case.refuses(&holder, ask(first + Span::days(1))),
        "asked_before"
    );
    case.does(&room, Command::RefuseExtension { reason: why() });
    case.does(&holder, ask(first + Span::days(1)));
    case.does(&room, grant.clone());
    let clock = case.incident().clock(ClockKind::Finish).expect("clock");
    assert_eq!(
        (clock.due, &clock.was_due),
        (first + Span::days(1), &vec![first])
    );
    let second = case.finish();
    case.does(&holder, ask(second + Span::hours(8)));
    let mut deputy = room.clone();
    deputy.director = false;
    assert_eq!(case.refuses(&deputy, grant.clone()), "director_required");
    case.does(&room, grant);
    let third = case.finish();
    assert_eq!(
        case.refuses(&holder, ask(third + Span::hours(1))),
        "no_more_extensions"
    );
    case.later(Span::days(30));
    assert_eq!(
        case.refuses(&holder, ask(third + Span::hours(1))),
        "too_late"
    );
}

#[test]
fn a_wait_halts_the_clocks_and_wakes_by_itself() {
    let mut case = Case::of("0604");
    case.working();
    case.later(Span::mins(30));
    let (centre, due) = (case.centre(), case.finish());
    let wait = |review_at| Command::Suspend {
        ground: Ground::Season,
        reason: why(),
        review_at,
    };
    let now = case.walk.now;
    assert_eq!(
        case.refuses(&centre, wait(now + Span::days(91))),
        "wrong_review"
    );
    assert_eq!(case.refuses(&centre, wait(now)), "wrong_review");
    let left = {
        let calendar = &case.county().calendar;
        calendar.working_time(now, due)
    };
    case.does(&centre, wait(now + Span::days(10)));
    assert_eq!(case.incident().lamp(due + Span::days(1)), Lamp::Off);
    case.later(Span::days(9));
    assert_eq!(
        (case.incident().state, case.incident().breaches.len()),
        (State::Suspended, 0)
    );
    case.later(Span::days(1));
    assert_eq!(case.incident().state, State::InProgress);
    let calendar = &case.county().calendar;
    let on = calendar.working_time(case.walk.now, case.finish());
    assert!(
        on >= left && on < left + Span::hours(8),
        "{left:?} was left, {on:?} is"
    );
}

#[test]
fn two_units_send_it_back_and_the_centre_decides_for_good() {
    let mut case = Case::of("0604");
    let (first, room, centre) = (case.holder(), case.room(), case.centre());
    let back = Command::Return { reason: why() };
    case.does(&first, back.clone());
    assert_eq!(case.incident().state, State::Assessed);
    let due = case.finish();
    let first_org = first.org.clone().expect("org");
    assert_eq!(case.refuses(&room, dispatch(&first_org)), "returned_before");
    let other = case.unit(OrgKind::Platform);
    case.does(&room, dispatch(&other));
    let second = case.holder();
    case.does(&second, back.clone());
    assert_eq!(
        case.incident().holder().expect("held").org,
        *case.county().orgs.centre()
    );
    assert_eq!(case.refuses(&room, dispatch(&other)), "centre_decides");
    let unit = case.unit(OrgKind::Unit);
    case.does(&centre, dispatch(&unit));
    let last = case.holder();
    assert_eq!(case.refuses(&last, back), "binding");
    assert_eq!(case.finish(), due, "bouncing gains no time");
}

#[test]
fn the_county_asks_before_it_sends_down_what_is_not_on_the_list() {
    // At level Ⅱ the duties name a county unit; a township's platform is then off its list.
    let mut case = Case::of("0301");
    let (room, centre) = (case.room(), case.centre());
    assert!(case.incident().severity >= Some(Severity::II));
    case.does(&room, Command::Recall { reason: None });
    let platform = case.unit(OrgKind::Platform);
    case.does(&centre, dispatch(&platform));
    assert_eq!(case.incident().state, State::Assessed);
    assert!(case.incident().consent.is_some());
    case.does(&room, Command::RefuseConsent { reason: why() });
    assert_eq!(case.refuses(&room, Command::Consent {}), "nothing_asked");
    case.does(&centre, dispatch(&platform));
    case.does(&room, Command::Consent {});
    assert_eq!(case.incident().state, State::Dispatched);
    assert_eq!(case.incident().holder().expect("held").org, platform);
}

#[test]
fn rework_gets_what_was_left_and_at_least_a_quarter_and_the_third_time_the_centre_decides() {
    let mut case = Case::of("0604");
    let reporter = case.reporter();
    let again = Command::Reopen { reason: why() };
    case.working();
    case.told();
    let (left, due) = (case.walk.now, case.finish());
    case.later(Span::hours(1));
    case.does(&reporter, again.clone());
    assert!(case.finish() >= due && case.finish() > left);
    case.told();
    case.does(&reporter, again.clone());
    case.later(Span::days(40));
    case.told();
    let limit = case
        .incident()
        .clock(ClockKind::Finish)
        .and_then(|c| c.limit)
        .expect("limit");
    assert_eq!(case.refuses(&reporter, again.clone()), "centre_decides");
    let centre = case.centre();
    case.does(&centre, again);
    let least = limit.quarter(case.walk.now, &case.county().calendar).at;
    assert_eq!(
        case.finish(),
        least,
        "nothing was left, so a quarter is given"
    );
}

#[test]
fn a_room_confirms_only_for_those_who_stay_silent() {
    let mut case = Case::of("0604");
    case.working();
    case.told();
    let (room, centre) = (case.room(), case.centre());
    let close = Command::Close {
        satisfied: true,
        note: None,
    };
    let call = Command::Contact {
        outcome: Outcome::NoAnswer,
        note: None,
    };
    assert_eq!(case.refuses(&room, close.clone()), "reporter_must_confirm");
    case.does(&room, call.clone());
    case.later(Span::days(10));
    assert_eq!(
        case.refuses(&centre, close.clone()),
        "reporter_must_confirm"
    );
    case.does(&centre, call);
    case.does(&centre, close);
    assert_eq!(case.incident().state, State::Closed);
    assert!(case.incident().proxy.is_some());
    let grade = Command::Evaluate {
        speed: 6,
        cooperation: 1,
        note: None,
    };
    assert_eq!(case.refuses(&room, grade), "wrong_score");
}

/// A citizen's report, worked on until its result is told.
fn reported_by_a_citizen(is_named: bool) -> (Case, Actor) {
    let mut walk = Walk::new();
    let citizen = walk.citizen("0604", is_named);
    let mut case = Case { walk };
    case.working();
    case.told();
    (case, citizen)
}

#[test]
fn a_citizen_who_left_nothing_to_call_is_waited_for_and_not_called() {
    let close = Command::Close {
        satisfied: true,
        note: None,
    };
    for (is_named, wanted) in [(true, State::Feedback), (false, State::Closed)] {
        let (mut case, _) = reported_by_a_citizen(is_named);
        let room = case.room();
        assert_eq!(case.refuses(&room, close.clone()), "reporter_must_confirm");
        case.later(Span::days(10));
        let _ = case.walk.ask(&close, &room);
        assert_eq!(case.incident().state, wanted, "named: {is_named}");
    }
}

#[test]
fn a_citizen_urges_once_a_day_and_only_while_it_is_worked_on() {
    let mut walk = Walk::new();
    let citizen = walk.citizen("0604", true);
    let mut case = Case { walk };
    let urge = Command::Urge { note: Some(why()) };
    let other = Actor::new("citizen:other", Role::Reporter, case.county().code);
    assert_eq!(case.refuses(&other, urge.clone()), "not_found");
    case.does(&citizen, urge.clone());
    assert_eq!(case.refuses(&citizen, urge.clone()), "urged_lately");
    case.later(Span::days(1));
    case.does(&citizen, urge.clone());
    case.later(Span::days(1));
    case.working();
    case.told();
    assert_eq!(case.refuses(&citizen, urge), "wrong_state");
}

#[test]
fn a_receipt_shows_organisations_and_no_person() {
    let (mut case, citizen) = reported_by_a_citizen(true);
    let call = Command::Contact {
        outcome: Outcome::Reached,
        note: Some("李四说邻居王五家也是".to_owned()),
    };
    let room = case.room();
    case.does(&room, call);
    let view = ReceiptView::of(case.incident(), &citizen, case.county(), case.walk.now);
    assert_eq!(view.result.as_deref(), Some("已修复"));
    assert!(view.holder.is_some() && view.promised.is_some());
    assert_eq!(view.moves.as_slice(), ["reopen", "close"]);
    let text = serde_json::to_string(&view).expect("json");
    for secret in ["张三", "王五", "head of", "莲花路"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    let stranger = Actor::new("citizen:other", Role::Reporter, case.county().code);
    let view = ReceiptView::of(case.incident(), &stranger, case.county(), case.walk.now);
    assert!(view.moves.is_empty());
}

#[test]
fn a_shift_hands_over_red_lamps_unanswered_orders_and_what_waits() {
    use crate::account::shift::{Owed, matters};
    let owed = |case: &Case, org: &OrgId| -> Vec<Owed> {
        let list = matters(&case.walk.world, case.county(), org, case.walk.now);
        list.into_iter().map(|matter| matter.owed).collect()
    };
    let mut case = Case::of("0604");
    let holder = case.holder().org.expect("org");
    let room = case.county().orgs.room_for(case.incident().region).clone();
    let other = case.unit(OrgKind::Unit);
    assert!(owed(&case, &holder).is_empty());
    case.later(Span::days(1));
    let asked = case.incident().breaches[0].order.to.clone();
    assert!(owed(&case, &asked).contains(&Owed::OrderUnanswered));
    assert!(owed(&case, &holder).contains(&Owed::RedLamp));
    assert!(owed(&case, &room).contains(&Owed::RedLamp));
    assert!(owed(&case, &other).is_empty());
    let asked = case.person(&asked);
    case.does(
        &asked,
        Command::AnswerOrder {
            order: 0,
            text: why(),
        },
    );
    assert!(!owed(&case, asked.org.as_ref().expect("org")).contains(&Owed::OrderUnanswered));
}

#[test]
fn an_order_is_signed_answered_judged_and_climbs_when_nobody_answers() {
    let mut case = Case::of("0604");
    case.later(Span::days(1));
    let breach = case.incident().breaches.first().expect("breach").clone();
    let asked = case.person(&breach.order.to);
    let (room, centre) = (case.room(), case.centre());
    let order = 0;
    assert_eq!(
        case.refuses(&room, Command::SignOrder { order }),
        "not_your_order"
    );
    case.does(&asked, Command::SignOrder { order });
    let answer = Command::AnswerOrder { order, text: why() };
    case.does(&asked, answer.clone());
    assert_eq!(case.refuses(&asked, answer.clone()), "answered_before");
    case.does(
        &room,
        Command::RejectOrder {
            order,
            reason: why(),
        },
    );
    case.later(Span::days(9));
    let climbed = &case.incident().breaches[0].climbed;
    assert!(!climbed.is_empty(), "nobody answered, nobody above knows");
    assert!(
        climbed.windows(2).all(|two| two[0] != two[1]),
        "{climbed:?}"
    );
    case.does(&asked, answer);
    case.does(&room, Command::ClearOrder { order, text: None });
    assert_eq!(case.incident().breaches[0].state, OrderState::Cleared);
    let off = Command::AskRemoval {
        order,
        reason: why(),
    };
    case.does(&asked, off);
    let grant = |until| Command::GrantRemoval {
        order,
        reason: why(),
        until,
    };
    assert_eq!(case.refuses(&centre, grant(None)), "until_required");
    let until = case.walk.now + Span::days(1);
    case.does(&centre, grant(Some(until)));
    assert!(!case.incident().breaches[0].counts());
}

#[test]
fn reminders_go_out_once_a_threshold_and_by_sms_when_it_is_serious() {
    let mut case = Case::of("0301");
    case.working();
    for _ in 0..400 {
        case.later(Span::mins(5));
    }
    let mut seen = std::collections::HashSet::new();
    let mut count = 0;
    for event in &case.walk.events {
        if let crate::event::Body::Incident(IncidentEvent::Reminded(data)) = &event.body {
            assert!(data.sms, "severity 3 and above goes out by SMS");
            assert!(
                seen.insert((data.clock, data.nth, data.due)),
                "twice: {data:?}"
            );
            count += 1;
        }
    }
    // Class A at level Ⅱ: at the start, at 50 % and at 80 % of each limit of 24 hours or less.
    assert!(count >= 6, "{count} reminders");
}

#[test]
fn what_was_not_taken_on_is_appealed_once_and_what_was_handed_out_comes_back() {
    let mut case = Case { walk: Walk::new() };
    case.walk.report(None);
    let (room, reporter) = (case.room(), case.reporter());
    let no = Command::Reject { reason: why() };
    let appeal = Command::Appeal { reason: why() };
    case.does(&room, no.clone());
    assert_eq!(case.incident().lamp(start() + Span::days(9)), Lamp::Off);
    case.does(&reporter, appeal.clone());
    case.does(&room, no);
    assert_eq!(case.refuses(&reporter, appeal), "appealed_before");

    let mut case = Case::of("0604");
    let room = case.room();
    let out = Command::TransferOut {
        to: "110".to_owned(),
        reason: why(),
        receipt: "JQ-20261123-7".to_owned(),
    };
    case.does(&room, out);
    assert_eq!(case.incident().lamp(start() + Span::days(9)), Lamp::Off);
    case.later(Span::days(1));
    case.does(&room, Command::TakeBack { reason: why() });
    assert_eq!(case.incident().state, State::Assessed);
    assert!(case.incident().next_due().is_some(), "its clock goes on");
}

#[test]
fn a_unit_that_cannot_reports_to_the_leaders_and_nobody_lowers_a_level() {
    let mut case = Case::of("0301");
    case.working();
    let holder = case.holder();
    assert_eq!(holder.role, Role::Unit);
    let up = |severity| Command::Escalate {
        reason: why(),
        severity,
    };
    assert_eq!(
        case.refuses(&holder, up(Some(Severity::IV))),
        "level_may_only_rise"
    );
    case.does(&holder, up(Some(Severity::I)));
    let leaders = case.leaders().org;
    assert!(case.incident().special_report);
    assert_eq!(
        case.incident().holder().map(|hold| hold.org.clone()),
        leaders
    );
}

#[test]
fn naming_it_rightly_sends_it_to_its_owner() {
    let mut case = Case::of("0604");
    let (before, room) = (case.holder(), case.room());
    case.does(
        &room,
        Command::Correct {
            category: "0401".parse().expect("code"),
            reason: why(),
        },
    );
    assert_eq!(case.incident().state, State::Dispatched);
    assert_ne!(case.holder().org, before.org, "food is not noise");
}

//! The day's plan, the handlers and the driver together, against a made-up county and a small
//! stand-in for the server.

use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

use domain::time::Date;
use geodata::region::{Code, Level, Region, RegionTree};
use serde_json::json;

use super::dice::Dice;
use super::handlers::{
    ClockView, Command, Cursor, HOUR_MS, LATE_SHARE, MINUTE_MS, Plan, State, View, next,
};
use super::kinds::{KINDS, TimeClass};
use super::schedule::{DayPlan, PER_DAY, PlannedReport, Source};
use super::texts;

/// Four townships of three villages of four grids, the grids' points 1 km apart or more.
pub fn county() -> (RegionTree, Vec<(Code, f64, f64)>) {
    let code = |text: &str| Code::parse(text).expect("a code");
    let region = |text: String, name: &str, level| Region {
        code: code(&text),
        name: name.to_owned(),
        level,
    };
    let mut regions = vec![region("330899".into(), "示例县", Level::County)];
    let mut points = Vec::new();
    for township in 1..=4_u32 {
        let t = format!("330899{township:03}");
        regions.push(region(t.clone(), "云溪镇", Level::Township));
        for village in 1..=3_u32 {
            let v = format!("{t}{village:03}");
            regions.push(region(v.clone(), "青山村", Level::Village));
            for grid in 1..=4_u32 {
                let g = format!("{v}{grid:03}");
                points.push((
                    code(&g),
                    118.9 + 0.01 * f64::from(township * 4 + grid),
                    28.9 + 0.01 * f64::from(village),
                ));
                regions.push(region(g, "第一网格", Level::Grid));
            }
        }
    }
    (RegionTree::new(regions).expect("a tree"), points)
}

pub fn day(number: u32) -> Date {
    Date::from_ymd(2026, 11, number).expect("a date")
}

fn plan(seed: u64, number: u32) -> Vec<PlannedReport> {
    let (tree, points) = county();
    DayPlan::new(seed, day(number), &tree, &points, PER_DAY)
        .into_iter()
        .collect()
}

fn many() -> Vec<PlannedReport> {
    static MANY: LazyLock<Vec<PlannedReport>> =
        LazyLock::new(|| (1..=20).flat_map(|number| plan(7, number)).collect());
    MANY.clone()
}

#[test]
fn the_same_seed_and_day_give_the_same_reports() {
    assert_eq!(plan(7, 22), plan(7, 22));
    assert_ne!(plan(7, 22), plan(8, 22));
    assert_ne!(plan(7, 22), plan(7, 23));
    let ids: HashSet<_> = many()
        .into_iter()
        .map(|report| report.external_id)
        .collect();
    assert_eq!(ids.len(), many().len());
}

#[test]
fn a_day_has_about_its_number_of_reports_in_order() {
    for number in 1..=20 {
        let reports = plan(11, number);
        assert!((450..=550).contains(&reports.len()), "{}", reports.len());
        assert!(reports.is_sorted_by_key(|report| report.at));
        assert!(
            reports
                .iter()
                .all(|r| (0..24 * HOUR_MS).contains(&r.at) && r.occurred_at <= r.at_ms)
        );
    }
    let (tree, points) = county();
    assert!(
        DayPlan::new(1, day(1), &tree, &[], PER_DAY)
            .reports()
            .is_empty()
    );
    assert!(
        DayPlan::new(1, day(1), &tree, &points, 0)
            .reports()
            .is_empty()
    );
}

#[test]
fn sources_keep_their_shares() {
    let reports = many();
    for (source, share) in Source::ALL.into_iter().zip(Source::SHARES) {
        let count = reports
            .iter()
            .filter(|report| report.source == source)
            .count();
        let seen = count as f64 / reports.len() as f64;
        assert!((seen - share).abs() < 0.03, "{source:?} {seen}");
    }
}

#[test]
fn hours_have_a_quiet_night_and_two_peaks() {
    let mut hours = [0_usize; 24];
    for report in many() {
        hours[(report.at / HOUR_MS) as usize] += 1;
    }
    assert!(hours[9] > 4 * hours[3] && hours[9] > hours[12], "{hours:?}");
    assert!(hours[15] > hours[12] && hours[15] > hours[18], "{hours:?}");
    let urgent = many().into_iter().filter(|report| {
        report.at < 6 * HOUR_MS && super::kinds::class_of(report.handling.category) == TimeClass::A
    });
    assert!(urgent.count() > 20);
}

#[test]
fn all_categories_occur_and_some_are_missing() {
    let reports = many();
    let named: HashSet<_> = reports
        .iter()
        .filter_map(|report| report.category)
        .collect();
    assert_eq!(named.len(), KINDS.len());
    let missing = reports
        .iter()
        .filter(|report| report.category.is_none())
        .count() as f64;
    assert!((0.02..0.07).contains(&(missing / reports.len() as f64)));
    assert!(
        reports
            .iter()
            .all(|r| r.category.is_none_or(|code| code == r.handling.category))
    );
}

#[test]
fn what_devices_report_has_words_of_devices() {
    for kind in KINDS {
        let phrases = texts::of(kind.code).expect("phrases");
        let by_device = kind.weight(Source::Sensor) + kind.weight(Source::Camera) > 0.0;
        assert!(!by_device || !phrases.device.is_empty(), "{}", kind.code);
    }
}

#[test]
fn texts_are_whole_and_people_are_made_up() {
    for report in many() {
        for text in [
            &report.title,
            &report.description,
            &report.address,
            &report.handling.result,
        ] {
            assert!(!text.is_empty() && !text.contains(['{', '}']), "{text}");
        }
        assert!(report.title.chars().count() <= 40, "{}", report.title);
        assert!(
            report
                .reporter
                .is_none_or(|person| person.phone.starts_with("1380000"))
        );
    }
}

#[test]
fn every_point_lies_at_its_own_grid() {
    let (_, points) = county();
    for report in many() {
        let away = |lon: f64, lat: f64| (report.lon - lon).hypot(report.lat - lat);
        let nearest = points
            .iter()
            .min_by(|a, b| away(a.1, a.2).total_cmp(&away(b.1, b.2)));
        let nearest = nearest.expect("a point");
        assert_eq!(nearest.0, report.grid);
        assert!(away(nearest.1, nearest.2) < 0.0012);
    }
}

#[test]
fn some_townships_have_more_than_others() {
    let mut counts = BTreeMap::<_, usize>::new();
    for report in many() {
        *counts.entry(report.grid.at(Level::Township)).or_default() += 1;
    }
    let most = counts.values().max().copied().unwrap_or_default();
    let least = counts.values().min().copied().unwrap_or_default();
    assert!(most > 2 * least, "{counts:?}");
}

#[test]
fn a_rainstorm_follows_two_o_clock_on_some_day() {
    let wet = |number| {
        let reports = plan(7, number);
        let storm = reports.iter().filter(|report| {
            (14 * HOUR_MS..16 * HOUR_MS).contains(&report.at)
                && ["0302", "0803"].contains(&report.handling.category)
        });
        storm.count() >= 10
    };
    assert!((1..=3).any(wet));
}

#[test]
fn some_things_are_told_twice() {
    let reports = plan(7, 22);
    let twice = reports.iter().filter(|report| {
        reports.iter().any(|first| {
            first.at < report.at && first.title == report.title && first.grid == report.grid
        })
    });
    assert!((8..40).contains(&twice.count()));
}

#[test]
fn the_backlog_is_what_was_due_before() {
    let (tree, points) = county();
    let plan = DayPlan::new(7, day(22), &tree, &points, PER_DAY);
    let noon = plan.backlog(12 * HOUR_MS);
    assert!(noon.len() > 100 && noon.iter().all(|report| report.at < 12 * HOUR_MS));
    assert_eq!(plan.backlog(i64::MAX).len(), plan.reports().len());
    assert!(plan.backlog(0).is_empty());
}

#[test]
fn a_body_names_what_the_intake_wants() {
    for report in plan(7, 22) {
        let body = report.body();
        assert_eq!(body["source"], json!(report.source.id()));
        assert_eq!(body["category"].is_null(), report.category.is_none());
        assert!(
            body["occurred_at"]
                .as_str()
                .is_some_and(|at| at.ends_with("+08:00"))
        );
        assert!(body["lon"].as_f64().is_some_and(f64::is_finite));
    }
}

#[test]
fn late_ones_have_their_share() {
    let reports = many();
    let late = reports
        .iter()
        .filter(|report| report.handling.sign.is_late())
        .count() as f64;
    let seen = late / reports.len() as f64;
    assert!((seen - LATE_SHARE).abs() < 0.02, "{seen}");
    for report in reports {
        let limit = 30 * MINUTE_MS;
        let late = report.handling.sign.delay_ms(limit) >= limit;
        assert_eq!(late, report.handling.sign.is_late());
    }
}

/// What the server would make of a command, or nothing if it is out of order.
fn answer(view: &View, command: &Command, now: i64) -> Option<View> {
    let state = match (view.state, command) {
        (State::Reported, Command::Accept(_)) => State::Accepted,
        (State::Accepted, Command::Assess) => State::Assessed,
        (State::Assessed, Command::Dispatch) => State::Dispatched,
        (State::Dispatched, Command::Start) | (State::InProgress, Command::Progress(_)) => {
            State::InProgress
        }
        (State::InProgress, Command::Feedback(_)) => State::Feedback,
        (State::Feedback, Command::Close) => State::Done,
        _ => return None,
    };
    let mut view = View {
        state,
        has_category: true,
        ..view.clone()
    };
    let mut run = |kind: &str, limit: i64| {
        let (start_ms, due_ms) = (now, now + limit);
        view.clocks.push(ClockView {
            kind: kind.to_owned(),
            start_ms,
            due_ms,
            runs: true,
        });
    };
    match command {
        Command::Assess => run("finish", 24 * HOUR_MS),
        Command::Dispatch => run("sign", 30 * MINUTE_MS),
        Command::Start => run("first_action", 2 * HOUR_MS),
        Command::Progress(_) => {
            let first = view
                .clocks
                .iter_mut()
                .filter(|clock| clock.kind == "first_action");
            first.for_each(|clock| clock.runs = false);
        }
        _ => {}
    }
    Some(view)
}

fn lived(plan: &Plan, reported: i64) -> Vec<&'static str> {
    let mut view = View {
        version: None,
        state: State::Reported,
        has_category: false,
        clocks: Vec::new(),
    };
    let mut cursor = Cursor::new(reported);
    let mut names = Vec::new();
    while let Some(step) = next(plan, &view, cursor) {
        assert!(
            step.at_ms >= cursor.last_ms,
            "time runs backwards in {plan:?}"
        );
        view = answer(&view, &step.command, step.at_ms).expect("a legal order");
        cursor.last_ms = step.at_ms;
        names.push(step.command.name());
        assert!(names.len() < 10);
    }
    names
}

#[test]
fn handlers_never_break_the_order_of_commands() {
    for report in many() {
        let names = lived(&report.handling, report.at_ms);
        assert_eq!(names.last(), Some(&"close"));
    }
}

#[test]
fn a_look_at_an_incident_forgives_what_is_missing() {
    let view = View::read(&json!({}));
    assert_eq!((view.state, view.version), (State::Done, None));
    let view = View::read(&json!({
        "version": 3, "state": "dispatched", "category": "0704",
        "clocks": [
            {"kind": "sign", "start": "2026-11-22T09:00:00.000+08:00", "due": "2026-11-22T09:30:00+08:00"},
            {"kind": "finish", "start": 1, "due": 2, "stopped": 2},
            {"kind": "broken"}
        ]
    }));
    assert_eq!(view.clocks.len(), 2);
    let sign = view.clock("sign").expect("a clock");
    assert_eq!(sign.due_ms - sign.start_ms, 30 * MINUTE_MS);
    assert!(sign.runs && view.clock("finish").is_some_and(|clock| !clock.runs));
    let mut dice = Dice::new(1, "plan");
    let plan = Plan::draw("0704", "", String::new(), &mut dice);
    let cursor = Cursor::found(&view, 0);
    assert!(next(&plan, &view, cursor).is_some_and(|step| step.command == Command::Start));
}

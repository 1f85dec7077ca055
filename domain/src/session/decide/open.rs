//! Setting a session up: what it is about, who commands, who is at the table.

use smallvec::SmallVec;

use super::{Context, Decision, bounded, label_text, refused, text};
use crate::access::{self, Deed};
use crate::actor::{Actor, Role};
use crate::deployment::{self, Status};
use crate::incident::event::Place;
use crate::incident::{Incident, State};
use crate::pack::orgs::OrgId;
use crate::pack::units::UnitId;
use crate::refusal::{Class, Refusal};
use crate::session::command::{Open, Person, Wanted};
use crate::session::event::{Chair, Opened, SessionEvent};
use crate::session::{Commander, Kind, Session, Task, Warning, Why};

/// The longest title, in characters.
const MAX_TITLE_CHARS: usize = 200;
/// The longest id of a person, in characters.
const MAX_ID_CHARS: usize = 64;
/// Most units of one seat.
const MAX_UNITS: usize = 50;

/// Decides whether a session may be opened, and as what.
///
/// # Errors
/// Why it may not be, and what to do.
pub fn open(wish: &Open, actor: &Actor, ctx: Context<'_>) -> Decision {
    access::may_do(actor, Deed::OpenSession)?;
    check_kind(wish, actor)?;
    let subject = subject(wish, actor, ctx)?;
    if !actor.covers(subject.region) {
        return Err(Refusal::new(
            Class::Forbidden,
            "outside_scope",
            "地点不在本辖区内，请由属地或县中心发起",
            "It lies outside your region; that region's room or the county centre must open it",
        ));
    }
    let seats = chairs_of(&wish.lead, &wish.cooperators, ctx)?;
    let commander = match &wish.commander {
        None => Commander {
            id: actor.id.clone(),
            org: actor.org.clone(),
            since: ctx.now,
        },
        Some(person) => commander(person, ctx)?,
    };
    let rules = ctx.county.catalogue.sessions();
    let war = ctx.world.mode().is_war;
    let secs = |span: crate::time::Span| u32::try_from(span.as_secs()).unwrap_or(u32::MAX);
    Ok(SessionEvent::Opened(Opened {
        kind: wish.kind,
        whistle: wish.whistle,
        incident: wish.incident,
        region: subject.region,
        place: subject.place,
        title: subject.title,
        sensitive: subject.sensitive,
        commander,
        seats,
        read_secs: secs(rules.read(war)),
        muster_secs: secs(rules.muster(war)),
        respond_secs: (wish.kind == Kind::Whistle).then_some(rules.respond_secs),
    }))
}

fn check_kind(wish: &Open, actor: &Actor) -> Result<(), Refusal> {
    match (wish.kind, wish.whistle, wish.incident) {
        (Kind::Whistle, None, _) => Err(Refusal::field(
            "/whistle",
            "whistle_kind_required",
            "请选择吹哨类型：群众反映突出、综合执法或应急处置",
            "Say what you whistle for: complaint, enforcement or emergency",
        )),
        (Kind::Whistle, Some(_), _) if actor.role != Role::CommandRoom => Err(Refusal::new(
            Class::Forbidden,
            "room_whistles",
            "吹哨由镇街指挥室发起；县中心请直接发起指挥",
            "A township's command room whistles; the county centre opens a session instead",
        )),
        (Kind::Incident | Kind::Drill, Some(_), _) => Err(Refusal::field(
            "/whistle",
            "not_a_whistle",
            "只有吹哨才填写吹哨类型",
            "Only a whistle has such a kind; leave it out",
        )),
        (Kind::Drill, None, Some(_)) => Err(Refusal::field(
            "/incident",
            "drill_has_no_incident",
            "演练不能关联真实事件，请填写标题和地点",
            "A drill is about no real incident; give it a title and a place",
        )),
        (Kind::Incident, None, None) => Err(Refusal::field(
            "/incident",
            "incident_required",
            "请选定事件",
            "Name the incident",
        )),
        _ => Ok(()),
    }
}

/// What a session is about.
struct Subject {
    region: geodata::region::Code,
    place: Place,
    title: String,
    sensitive: bool,
}

fn subject(wish: &Open, actor: &Actor, ctx: Context<'_>) -> Result<Subject, Refusal> {
    if let Some(id) = wish.incident {
        let incident = ctx.world.incident(id);
        let incident = incident.filter(|incident| access::knows(actor, incident));
        let incident = incident.ok_or_else(|| {
            Refusal::field(
                "/incident",
                "no_such_incident",
                "没有这个事件，或已办结多日",
                "There is no such incident, or it was closed days ago",
            )
        })?;
        check_incident(incident, ctx)?;
        return Ok(Subject {
            region: incident.region,
            place: incident.place.clone(),
            title: incident.title.clone(),
            sensitive: incident.sensitive,
        });
    }
    let region = wish
        .region
        .filter(|code| ctx.county.tree.get(*code).is_some());
    let region = region.ok_or_else(|| {
        Refusal::field(
            "/region",
            "unknown_region",
            "请选定本县的区域",
            "Name a region of this county",
        )
    })?;
    let title = wish.title.as_deref().unwrap_or_default();
    Ok(Subject {
        region,
        place: checked_place(wish.place.clone().unwrap_or_default())?,
        title: bounded("/title", title, MAX_TITLE_CHARS)?,
        sensitive: false,
    })
}

fn checked_place(place: Place) -> Result<Place, Refusal> {
    let valid = match (place.lon, place.lat) {
        (None, None) => true,
        (Some(lon), Some(lat)) => lon.abs() <= 180.0 && lat.abs() <= 90.0,
        _ => false,
    };
    let short = place
        .address
        .as_ref()
        .is_none_or(|a| a.chars().count() <= 300);
    if valid && short {
        return Ok(place);
    }
    Err(Refusal::field(
        "/place",
        "bad_place",
        "经纬度须成对且有效，地址不超过 300 字",
        "Give lon and lat together and within range, and an address of at most 300 characters",
    ))
}

fn check_incident(incident: &Incident, ctx: Context<'_>) -> Result<(), Refusal> {
    if let (State::Merged, Some(main)) = (incident.state, incident.follows) {
        let name = ctx.world.incident(main).map(Incident::label);
        let name = name.unwrap_or_else(|| main.to_string());
        return Err(Refusal::field(
            "/incident",
            "merged_incident",
            format!("此事件已并入 {name}，请在主事件 {name} 上发起"),
            format!("This one follows {name}; open the session on {name}, the main one"),
        ));
    }
    if !incident.state.is_open() {
        return Err(Refusal::field(
            "/incident",
            "incident_over",
            "此事件已结束，不能发起指挥；确有需要请先重办",
            "This incident is over; have it reopened before you open a session",
        ));
    }
    let mut all = ctx.world.sessions();
    if all.any(|one| one.incident == Some(incident.id) && one.stage.is_open()) {
        return Err(Refusal::field(
            "/incident",
            "session_exists",
            "此事件已有进行中的指挥，请直接加入",
            "A session on this incident is under way; join that one",
        ));
    }
    Ok(())
}

pub(super) fn commander(person: &Person, ctx: Context<'_>) -> Result<Commander, Refusal> {
    let id = bounded("/commander/id", &person.id, MAX_ID_CHARS)?;
    if let Some(org) = &person.org {
        known_org("/commander/org", org, ctx)?;
    }
    Ok(Commander {
        id,
        org: person.org.clone(),
        since: ctx.now,
    })
}

fn known_org(pointer: &str, org: &OrgId, ctx: Context<'_>) -> Result<(), Refusal> {
    if ctx.county.orgs.get(org).is_some() {
        return Ok(());
    }
    Err(Refusal::field(
        pointer,
        "unknown_org",
        format!("没有单位 {org}"),
        format!("There is no organisation {org}"),
    ))
}

/// Who sits at the table: exactly one lead, nobody twice.
///
/// # Errors
/// Whom there is not, or who is there twice.
pub fn chairs_of(
    lead: &Wanted,
    cooperators: &[Wanted],
    ctx: Context<'_>,
) -> Result<Vec<Chair>, Refusal> {
    if cooperators.len() >= Session::MAX_SEATS {
        return Err(Refusal::field(
            "/cooperators",
            "too_many",
            format!("参与单位最多 {} 家", Session::MAX_SEATS),
            format!("At most {} organisations take part", Session::MAX_SEATS),
        ));
    }
    let mut all = vec![chair(lead, Task::Lead, "/lead", ctx)?];
    for (at, wanted) in cooperators.iter().enumerate() {
        let pointer = format!("/cooperators/{at}");
        if all.iter().any(|chair| chair.org == wanted.org) {
            return Err(Refusal::field(
                &pointer,
                "seat_twice",
                format!("{} 已在名单中，不能重复", wanted.org),
                format!("{} is there already; name it once", wanted.org),
            ));
        }
        all.push(chair(wanted, Task::Cooperate, &pointer, ctx)?);
    }
    Ok(all)
}

pub(super) fn chair(
    wanted: &Wanted,
    task: Task,
    pointer: &str,
    ctx: Context<'_>,
) -> Result<Chair, Refusal> {
    known_org(&format!("{pointer}/org"), &wanted.org, ctx)?;
    if wanted.units.len() > MAX_UNITS {
        return Err(Refusal::field(
            &format!("{pointer}/units"),
            "too_many",
            format!("一家单位最多派 {MAX_UNITS} 支力量"),
            format!("At most {MAX_UNITS} units of one organisation"),
        ));
    }
    let mut units: SmallVec<[UnitId; 1]> = SmallVec::new();
    for id in &wanted.units {
        let unit = ctx.county.units.get(id);
        if unit.is_none_or(|unit| unit.org != wanted.org) || units.contains(id) {
            return Err(Refusal::field(
                &format!("{pointer}/units"),
                "unknown_unit",
                format!("{} 没有力量 {id}，或重复", wanted.org),
                format!("{} has no unit {id}, or it is there twice", wanted.org),
            ));
        }
        units.push(id.clone());
    }
    if units.is_empty() {
        units.extend(free_unit(&wanted.org, ctx));
    }
    let ask = match wanted.ask.as_deref().map(str::trim) {
        None | Some("") => String::new(),
        Some(ask) => text(&format!("{pointer}/ask"), ask)?,
    };
    Ok(Chair {
        warnings: warnings(&wanted.org, &units, ctx),
        org: wanted.org.clone(),
        task,
        units,
        ask,
    })
}

/// The first unit of an organisation that stands by, else any.
fn free_unit(org: &OrgId, ctx: Context<'_>) -> Option<UnitId> {
    let all = || ctx.county.units.of(org);
    let status = |id| deployment::standing(ctx.world, id).status;
    let free = all().find(|unit| status(&unit.id) == Status::Standby);
    free.or_else(|| all().next()).map(|unit| unit.id.clone())
}

/// What speaks against sending these units now.
pub(super) fn warnings(org: &OrgId, units: &[UnitId], ctx: Context<'_>) -> Vec<Warning> {
    let mut all = Vec::new();
    let mut warn = |why, unit: Option<&UnitId>| {
        all.push(Warning {
            why,
            unit: unit.cloned(),
        });
    };
    let found = ctx.county.orgs.get(org);
    if found.is_some_and(|org| !org.is_on_duty(ctx.now, &ctx.county.calendar)) {
        warn(Why::NobodyOnDuty, None);
    }
    if units.is_empty() {
        warn(Why::NoUnit, None);
    }
    for unit in units {
        match deployment::standing(ctx.world, unit).status {
            Status::Standby | Status::Returning => {}
            Status::Off => warn(Why::OffDuty, Some(unit)),
            Status::Assigned | Status::Moving | Status::OnScene | Status::Working => {
                warn(Why::Busy, Some(unit));
            }
        }
    }
    all
}

/// Refuses to order busy or off-duty units before somebody was told of it.
pub(super) fn must_be_told<'a>(
    warnings: impl Iterator<Item = &'a Warning>,
    despite: bool,
) -> Result<(), Refusal> {
    let grave = |warning: &&Warning| matches!(warning.why, Why::Busy | Why::OffDuty);
    let units: Vec<String> = warnings
        .filter(grave)
        .filter_map(|warning| warning.unit.as_ref().map(UnitId::to_string))
        .collect();
    if despite || units.is_empty() {
        return Ok(());
    }
    let names = units.join(", ");
    Err(Refusal {
        pointer: Some("/despite".to_owned()),
        ..refused(
            "unit_not_free",
            &format!("{names} 正在执行任务或不在岗，请换人，或确认仍要调派"),
            &format!("{names}: busy or off duty; take another, or confirm with despite"),
        )
    })
}

/// A name that a person gave, checked.
pub(super) fn reason(given: Option<&str>) -> Result<Option<String>, Refusal> {
    given.map(|given| label_text("/reason", given)).transpose()
}

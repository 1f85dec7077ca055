//! Whom to call: the lead and the cooperators that the duties name, those of the playbook, each
//! with its nearest free unit, and the reason for each. A proposal; a person decides.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::decide::Context;
use super::{Task, Warning, Why};
use crate::deployment::position::{Positions, metres};
use crate::deployment::{self, Status};
use crate::incident::Incident;
use crate::pack::orgs::{OrgId, OrgKind};
use crate::pack::units::UnitId;

/// One proposal.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Suggested {
    /// Whom.
    pub org: OrgId,
    /// As what.
    pub task: Task,
    /// Its nearest free unit.
    pub units: SmallVec<[UnitId; 1]>,
    /// How far that is from the scene, in metres, where both are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metres: Option<u32>,
    /// Why, in Chinese.
    pub zh: String,
    /// Why, in English.
    pub en: String,
    /// What speaks against it now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
}

/// Whom an incident needs, the lead first. Where no duty is written its holder leads, or else the
/// command room of the place.
pub fn suggest(
    incident: &Incident,
    positions: Option<&Positions>,
    ctx: Context<'_>,
) -> Vec<Suggested> {
    let mut all: Vec<Suggested> = Vec::new();
    let mut add = |org: OrgId, zh: String, en: String| {
        if ctx.county.orgs.get(&org).is_none() || all.iter().any(|one| one.org == org) {
            return;
        }
        let task = if all.is_empty() {
            Task::Lead
        } else {
            Task::Cooperate
        };
        all.push(one(org, task, (zh, en), incident, positions, ctx));
    };
    let severity = incident.severity_or_lowest();
    let county = ctx.county;
    let duty = incident.category.and_then(|category| {
        let (orgs, catalogue) = (&county.orgs, &county.catalogue);
        let found = county
            .duties
            .resolve(category, incident.region, severity, orgs, catalogue);
        found.ok()
    });
    if let Some(duty) = duty {
        let plan = incident.category.and_then(|category| {
            let (region, now) = (incident.region, ctx.now);
            county
                .duties
                .playbook(category, region, severity, &duty.lead, now, county)
        });
        let because = &duty.because;
        add(
            duty.lead,
            format!("牵头：{because}"),
            format!("leads: {because}"),
        );
        for org in duty.cooperators {
            add(
                org,
                format!("协同：{because}"),
                format!("cooperates: {because}"),
            );
        }
        for step in plan.iter().flat_map(|plan| &plan.steps) {
            let zh = format!("预案步骤：{}", step.text);
            add(
                step.org.clone(),
                zh,
                format!("a step of the playbook: {}", step.text),
            );
        }
    } else {
        let holder = incident.holder().map(|hold| hold.org.clone());
        let lead = holder.unwrap_or_else(|| county.orgs.room_for(incident.region).clone());
        let zh = "无职责规则，由当前承办单位牵头".to_owned();
        add(
            lead,
            zh,
            "no duty is written; whoever holds it leads".to_owned(),
        );
    }
    if let Some(village) = county.orgs.nearest(OrgKind::Village, incident.region) {
        let (zh, en) = ("属地村社", "the village it lies in");
        add(village.id.clone(), zh.to_owned(), en.to_owned());
    }
    all
}

fn one(
    org: OrgId,
    task: Task,
    because: (String, String),
    incident: &Incident,
    positions: Option<&Positions>,
    ctx: Context<'_>,
) -> Suggested {
    let scene = incident.place.lon.zip(incident.place.lat);
    let away = |unit: &UnitId| {
        let track = positions?.track(unit)?;
        let best = track.best(ctx.now).filter(|_| !track.is_stale(ctx.now))?;
        Some(metres((best.lon, best.lat), scene?) as u32)
    };
    let is_free = |unit: &UnitId| {
        let status = deployment::standing(ctx.world, unit).status;
        matches!(status, Status::Standby | Status::Returning)
    };
    let units = ctx.county.units.of(&org).map(|unit| &unit.id);
    let free = units.filter(|unit| is_free(unit));
    let nearest = free.min_by_key(|unit| (away(unit).unwrap_or(u32::MAX), (*unit).clone()));
    let units: SmallVec<[UnitId; 1]> = nearest.into_iter().cloned().collect();
    let metres = units.first().and_then(away);
    let (mut zh, mut en) = because;
    if let (Some(unit), Some(metres)) = (units.first(), metres) {
        let _ = write!(zh, "；最近的空闲力量 {unit}，距现场 {metres} 米");
        let _ = write!(en, "; its nearest free unit {unit} is {metres} m away");
    }
    let mut warnings = Vec::new();
    let found = ctx.county.orgs.get(&org);
    if found.is_some_and(|org| !org.is_on_duty(ctx.now, &ctx.county.calendar)) {
        warnings.push(Warning {
            why: Why::NobodyOnDuty,
            unit: None,
        });
    }
    if units.is_empty() {
        let has_any = ctx.county.units.of(&org).next().is_some();
        warnings.push(Warning {
            why: if has_any { Why::Busy } else { Why::NoUnit },
            unit: None,
        });
    }
    Suggested {
        org,
        task,
        units,
        metres,
        zh,
        en,
        warnings,
    }
}

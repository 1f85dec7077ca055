//! Where the tablet is, told to the server while its holder shares it; and where the others are.

use domain::access::{Deed, can};
use domain::deployment::position::metres;
use domain::session::Session;
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use serde_json::json;

use super::model::Spot;
use super::tablet::{self, Told};
use super::{Field, Other, kept, outbox};
use crate::i18n::{Text, field as f};
use crate::ui::icon::{Glyph, Icon};
use crate::{device, net};

/// While it moves the position is told at most this often, ms.
const MOVING_MS: f64 = 1_000.0;
/// While it stands it is told this often: before it would be taken for old, ms.
const STILL_MS: f64 = 30_000.0;
/// Less than this is no movement, metres.
const STILL_METRES: f64 = 8.0;
/// How often the list of units is asked for anew, ms: frames keep it true between.
const UNITS_MS: i32 = 60_000;

/// Where the tablet is, as far as the browser says.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Whereabouts {
    /// Not told yet.
    Unknown,
    /// There.
    At(Spot),
    /// The holder forbade it.
    Denied,
    /// It can't be found out just now; where it was last.
    Unavailable(Option<Spot>),
    /// Only over https.
    Insecure,
}

impl Whereabouts {
    /// The position, the last one where there is no newer.
    pub fn spot(&self) -> Option<Spot> {
        match self {
            Self::At(spot) | Self::Unavailable(Some(spot)) => Some(*spot),
            _ => None,
        }
    }
}

/// A unit as `GET /units` lists it.
#[derive(Deserialize)]
struct Row {
    id: String,
    name: String,
    org: String,
    #[serde(default)]
    place: Option<RowPlace>,
}

#[derive(Deserialize)]
struct RowPlace {
    lon: f64,
    lat: f64,
    at: Timestamp,
}

#[derive(Deserialize)]
struct Listed {
    items: Vec<Row>,
}

/// A frame of positions.
#[derive(Deserialize)]
struct Frame {
    p: Vec<(String, f64, f64, Option<f64>, Timestamp)>,
}

pub(super) fn begin(field: Field) {
    others(field);
    let told = StoredValue::new((f64::MIN, None::<Spot>));
    tablet::watch_place(move |place| {
        let before = field.place.with_untracked(Whereabouts::spot);
        let now = match place {
            Told::At(spot) => Whereabouts::At(spot),
            Told::Not { error } => match error.as_str() {
                "denied" => Whereabouts::Denied,
                "insecure" => Whereabouts::Insecure,
                _ => Whereabouts::Unavailable(before),
            },
        };
        field.place.set(now);
        if let Whereabouts::At(spot) = now {
            tell(field, spot, told);
        }
    });
    on_cleanup(tablet::unwatch_place);
    // Standing still brings no new position; the server must hear of it all the same.
    let again = move || {
        if let Whereabouts::At(spot) = field.place.get_untracked() {
            tell(field, spot, told);
        }
    };
    let handle = set_interval_with_handle(again, std::time::Duration::from_secs(5));
    if let Ok(handle) = handle {
        on_cleanup(move || handle.clear());
    }
}

/// Tells the server, if it is time to.
fn tell(field: Field, spot: Spot, told: StoredValue<(f64, Option<Spot>)>) {
    let actor = field.actor();
    if !field.shares.get_untracked() || !field.is_known.get_untracked() {
        return;
    }
    if !can(&actor, Deed::PostPositions) || !field.is_live() {
        return;
    }
    let Some(unit) = own_unit(field, None) else {
        return;
    };
    let local = net::monotonic_ms();
    let (at, last) = told.get_value();
    let moved =
        last.is_none_or(|last| metres((last.lon, last.lat), (spot.lon, spot.lat)) >= STILL_METRES);
    if local - at < if moved { MOVING_MS } else { STILL_MS } {
        return;
    }
    told.set_value((local, Some(spot)));
    let body = json!([{
        "unit": unit, "lon": spot.lon, "lat": spot.lat, "source": "tablet",
        "at": Timestamp::from_millis(kept::server_ms().min(field.now.get_untracked() + 1_000)),
        "accuracy": spot.accuracy, "heading": spot.heading, "speed": spot.speed,
    }]);
    let lang = field.lang().tag();
    spawn_local(async move {
        // A position that is lost on its way is followed by a newer one.
        let _ = device::post(
            outbox::POSITIONS,
            lang,
            &device::new_key(),
            body.to_string(),
        )
        .await;
    });
}

/// The unit whose tablet this is: the one its holder chose; else of its seat in the session, of a
/// session that is open, or the first of the organisation.
pub(super) fn own_unit(field: Field, session: Option<&Session>) -> Option<String> {
    let actor = field.actor();
    let org = actor.org?;
    if let Some(chosen) = field.unit.get_untracked() {
        return Some(chosen);
    }
    let of_seat = |session: &Session| {
        let seat = session.seat(&org)?;
        Some(seat.units.first()?.to_string())
    };
    let open = || {
        field.sessions.with_untracked(|all| {
            let mut open = all.iter().filter(|one| one.stage.is_open());
            open.find_map(of_seat)
        })
    };
    let first = || {
        field.others.with_untracked(|all| {
            let mut own = all.iter().filter(|(_, one)| one.org == org.as_str());
            own.next().map(|(id, _)| id.clone())
        })
    };
    session.and_then(of_seat).or_else(open).or_else(first)
}

/// Follows the units one may see.
fn others(field: Field) {
    let put = |all: &mut std::collections::BTreeMap<String, Other>, id, lon, lat, at: i64| {
        let one: &mut Other = all.entry(id).or_default();
        if one.at.is_none_or(|(_, _, before)| at >= before) {
            one.at = Some((lon, lat, at));
        }
    };
    field
        .ctx
        .positions
        .set_value(Some(Box::new(move |text: &str| {
            let Ok(frame) = serde_json::from_str::<Frame>(text) else {
                return;
            };
            field.others.update(|all| {
                for (id, lon, lat, _, at) in frame.p {
                    put(all, id, lon, lat, at.millis());
                }
            });
        })));
    let scope = field.ctx.scope;
    spawn_local(async move {
        loop {
            let answer = net::get(&format!("/api/v1/units?scope={scope}"), "zh-CN").await;
            if let Some(listed) = answer.json::<Listed>() {
                field.others.update(|all| {
                    for row in listed.items {
                        if let Some(place) = row.place {
                            put(all, row.id.clone(), place.lon, place.lat, place.at.millis());
                        }
                        let one = all.entry(row.id).or_default();
                        (one.name, one.org) = (row.name, row.org);
                    }
                });
            }
            net::wait(UNITS_MS).await;
        }
    });
}

/// Says whether the tablet tells where it is, and switches that.
#[component]
pub fn Sharing() -> impl IntoView {
    let field = super::field();
    let state = move || -> (&'static str, Text) {
        if !field.shares.get() {
            return ("off", f::SHARES_NOT);
        }
        match field.place.get() {
            Whereabouts::Unknown => ("unknown", f::PLACE_UNKNOWN),
            Whereabouts::At(_) => ("on", f::SHARES),
            Whereabouts::Denied => ("denied", f::PLACE_DENIED),
            Whereabouts::Unavailable(_) => ("unavailable", f::PLACE_UNAVAILABLE),
            Whereabouts::Insecure => ("insecure", f::PLACE_INSECURE),
        }
    };
    let switch = move |_| {
        field.shares.update(|shares| *shares = !*shares);
        kept::remember_shares(field.shares.get_untracked());
    };
    let accuracy = move || {
        let spot = field.place.with(Whereabouts::spot)?;
        let metres = spot.accuracy?.round().max(1.0) as u64;
        Some(format!("±{metres} m"))
    };
    can(&field.actor(), Deed::PostPositions).then(|| {
        view! {
            <button type="button" class="sharing" data-testid="sharing" data-state=move || state().0
                aria-pressed=move || field.shares.get().to_string()
                aria-label=move || field.t(state().1) title=move || field.t(state().1) on:click=switch>
                <Glyph icon=Icon::Locate/><span>{move || field.t(state().1)}</span>
                {move || (state().0 == "on").then(|| view! { <small class="num">{accuracy}</small> })}
            </button>
        }
    })
}

/// Which unit of the organisation the tablet is carried in, where there are several.
#[component]
pub fn UnitChoice() -> impl IntoView {
    let field = super::field();
    let org = field.actor().org;
    let own = Memo::new(move |_| {
        let org = org.as_ref()?;
        let own: Vec<(String, String)> = field.others.with(|all| {
            let own = all.iter().filter(|(_, one)| one.org == org.as_str());
            own.map(|(id, one)| (id.clone(), one.name.clone()))
                .collect()
        });
        (own.len() > 1).then_some(own)
    });
    let choose = move |id: String| {
        let id = Some(id).filter(|id| !id.is_empty());
        kept::remember_unit(id.as_deref());
        field.unit.set(id);
    };
    move || {
        own.get().map(|own| {
            let option = |(id, name): (String, String)| {
                let value = id.clone();
                let chosen = move || field.unit.with(|unit| unit.as_ref() == Some(&id));
                view! { <option value=value selected=chosen>{name}</option> }
            };
            let options = own.into_iter().map(option).collect_view();
            view! {
                <label class="line"><span>{field.t(f::OWN_UNIT)}</span>
                    <select data-testid="own-unit" on:change:target=move |ev| choose(ev.target().value())>
                        <option value="" selected=move || field.unit.with(Option::is_none)>{field.t(f::OWN_UNIT_ANY)}</option>
                        {options}
                    </select>
                </label>
            }
        })
    }
}

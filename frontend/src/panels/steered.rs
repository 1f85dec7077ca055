//! What a desk sent to this wall: the label that says who did and until when, the incident that is
//! shown large, and where the map looks. When its time is over the wall is in rotation again.

use domain::ids::SessionId;
use domain::incident::Incident;
use domain::time::Timestamp;
use domain::wall::{self, Show, Steering};
use leptos::prelude::*;

use crate::context::{Context, context, lamp_name};
use crate::i18n::{command as k, format};
use crate::map::units::{around, units};
use crate::map::view::View;
use crate::panels::muster::model;

/// What this wall was sent. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Steered {
    /// How it is steered now; none in rotation, and on a screen that is no wall.
    pub now: Memo<Option<Steering>>,
}

/// Follows what the wall `id` is sent.
pub fn provide(ctx: Context, id: Option<String>) -> Steered {
    let second = Memo::new(move |_| ctx.now.get());
    let now = Memo::new(move |_| {
        let now = Timestamp::from_millis(second.get());
        let id = id.as_deref()?;
        let county = ctx.scope.ancestors().last().unwrap_or(ctx.scope);
        let found = ctx
            .read(|world| wall::steering(world, county, id))
            .flatten();
        found.filter(|one| one.shown(now).is_some())
    });
    let steered = Steered { now };
    provide_context(steered);
    steered
}

impl Steered {
    fn show(self) -> Option<Show> {
        self.now.get().and_then(|one| one.show)
    }

    /// The session it was sent.
    pub fn session(self) -> Option<SessionId> {
        match self.show()? {
            Show::Session(id) => Some(id),
            Show::Incident(_) | Show::View(_) => None,
        }
    }

    /// The part of the map that goes with it.
    fn view(self, ctx: Context) -> Option<View> {
        let place = match self.show()? {
            Show::View(edges) => {
                let [west, south, east, north] = edges.map(|edge| f64::from(edge) / 1e6);
                return Some((west, south, east, north));
            }
            Show::Session(id) => {
                ctx.read(|world| world.session(id).map(|one| (one.place.lon, one.place.lat)))
            }
            Show::Incident(id) => ctx.read(|world| {
                let found = world.incident(id);
                found.map(|one| (one.place.lon, one.place.lat))
            }),
        };
        let (lon, lat) = place.flatten()?;
        Some(around(lon?, lat?))
    }
}

/// The label and, for an incident, its card; above the map.
#[component]
pub fn SteeredLabel() -> impl IntoView {
    let ctx = context();
    let steered = expect_context::<Steered>();
    follow(ctx, steered);
    move || {
        let one = steered.now.get()?;
        let lang = ctx.lang.get();
        let what = what(ctx, one.show.as_ref()?);
        let who = one.by.org.as_ref().map_or_else(
            || crate::session::role_name(lang, one.by.role).to_owned(),
            |org| {
                ctx.words
                    .with(|words| words.org(lang, org.as_str(), ctx.scope).to_owned())
            },
        );
        let until = one
            .until
            .map_or_else(String::new, |at| format::minute(at.millis()));
        let sent = ctx.tf(k::SENT_BY, &[("who", &who), ("t", &until)]);
        Some(view! {
            <aside class="steered" role="status" data-testid="steered">
                <b class="clip">{what}</b><small class="num">{sent}</small>
                {incident(ctx, one.show.as_ref()).map(|one| view! { <Card one=one/> })}
            </aside>
        })
    }
}

/// The map looks where it was sent, and at the whole again afterwards.
fn follow(ctx: Context, steered: Steered) {
    let units = units();
    let view = Memo::new(move |_| steered.view(ctx));
    Effect::new(move |before: Option<Option<View>>| {
        ctx.map_made.track();
        let view = view.get();
        if view.is_some() || before.flatten().is_some() {
            units.show(view);
        }
        view
    });
    Effect::new(move |before: Option<Option<String>>| {
        let sent = match steered.show() {
            Some(Show::Incident(id)) => Some(id.to_string()),
            _ => None,
        };
        if sent.is_some() || before.flatten().is_some() {
            ctx.selected.set(sent.clone());
        }
        sent
    });
}

fn incident(ctx: Context, show: Option<&Show>) -> Option<Incident> {
    match show? {
        Show::Incident(id) => ctx.read(|world| world.incident(*id).cloned()).flatten(),
        Show::Session(_) | Show::View(_) => None,
    }
}

/// What was sent, in words.
fn what(ctx: Context, show: &Show) -> String {
    let lang = ctx.lang.get();
    let gone = || ctx.t(k::SENT_GONE).to_owned();
    match show {
        Show::View(_) => ctx.t(k::SENT_VIEW).to_owned(),
        Show::Session(id) => ctx
            .read(|world| world.session(*id).map(|one| model::title(one, lang)))
            .flatten()
            .unwrap_or_else(gone),
        Show::Incident(id) => ctx
            .read(|world| world.incident(*id).map(|one| named(ctx, one)))
            .flatten()
            .unwrap_or_else(gone),
    }
}

/// An incident in a few words: where, and what as far as it may be told here.
pub fn named(ctx: Context, one: &Incident) -> String {
    let lang = ctx.lang.get();
    ctx.words.with(|words| {
        let place = words.township(one.region);
        let kind = one.category.and_then(|code| words.category(lang, code));
        let title = if one.title.is_empty() {
            kind.unwrap_or(lang.of(k::VEILED))
        } else {
            one.title.as_str()
        };
        format!("{place} · {title}")
    })
}

#[component]
fn Card(one: Incident) -> impl IntoView {
    let ctx = context();
    let held = one.holder().map(|hold| hold.org.to_string());
    let region = one.region;
    let holder = move || {
        let id = held.as_deref()?;
        let lang = ctx.lang.get();
        Some(
            ctx.words
                .with(|words| words.org(lang, id, region).to_owned()),
        )
    };
    let kind = one.category;
    let category = move || {
        let lang = ctx.lang.get();
        ctx.words
            .with(|words| words.category(lang, kind?).map(str::to_owned))
    };
    let lamp = move || lamp_name(one.lamp(Timestamp::from_millis(ctx.now.get())));
    view! {
        <p class="card-line"><span class="lamp" data-lamp=lamp></span><span>{category}</span><span class="quiet">{holder}</span></p>
    }
}

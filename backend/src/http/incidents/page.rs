//! The list of incidents: what a viewer sees of the World and of the history together, in one order.
//! The World shows what it holds, and it alone; the history shows the rest.

use domain::ids::IncidentId;
use domain::incident::Incident;
use domain::privacy;
use domain::time::Timestamp;
use domain::world::World;
use rustc_hash::FxHashSet;
use serde_json::{Value, json};

use super::filter::cursor;
use crate::history::{Found, History, Key, Order, Query, key_of};
use crate::projector::{Failure, Handle};
use crate::table;

/// One page: what the viewer is shown of each incident, and where the next page begins.
pub(super) struct Page {
    pub items: Vec<Incident>,
    pub next: Option<String>,
    pub now: Timestamp,
    /// False while this node's history is folded anew: what left the World may be missing.
    pub is_complete: bool,
}

impl Page {
    /// Finds a page. What a command answered before changed is seen in it: the World has folded it,
    /// and the history is waited for, a moment.
    pub async fn find(
        projector: &Handle,
        history: &History,
        mut query: Query,
    ) -> Result<Self, Failure> {
        let asked = query.clone();
        let (items, now, position) = projector
            .read(move |view| {
                let query = Query {
                    now: view.now,
                    ..asked
                };
                (of_world(view.world, &query), view.now, view.position)
            })
            .await?;
        query.now = now;
        let mut is_complete = history.reaches(position).await;
        let limit = query.limit;
        let order = query.order;
        let found = history.search(query).await.unwrap_or_else(|error| {
            tracing::error!(%error, "the history can't be read");
            is_complete = false;
            Found::default()
        });
        let (left, upto) = not_in_world(projector, found).await?;
        let (items, next) = together(items, left, upto, order, limit);
        Ok(Self {
            items,
            next: next.map(cursor),
            now,
            is_complete,
        })
    }

    /// As JSON.
    pub fn json(&self) -> Value {
        let shown = self.items.iter().map(|one| table::value(one, self.now));
        let items: Vec<Value> = shown.collect();
        json!({
            "items": items, "next": self.next, "now": self.now, "complete": self.is_complete,
        })
    }
}

/// What the World has of a page, masked; one more than asked for tells that there are others.
fn of_world(world: &World, query: &Query) -> Vec<Incident> {
    let (wanted, viewer) = (&query.wanted, &query.viewer);
    let is_behind = |key: Key| {
        let after = query.after;
        after.is_none_or(|after| query.order.is_behind(key, after))
    };
    let mut found: Vec<_> = world
        .incidents()
        .filter(|one| is_behind(key_of(one)))
        .filter_map(|one| Some((one, wanted.finds(one, viewer, query.now)?)))
        .collect();
    query.order.sort(&mut found, |(one, _)| key_of(one));
    found.truncate(query.limit + 1);
    found
        .into_iter()
        .map(|(one, clearance)| privacy::incident(one, clearance))
        .collect()
}

/// What the history found and the World does not hold, masked.
async fn not_in_world(
    projector: &Handle,
    found: Found,
) -> Result<(Vec<Incident>, Option<Key>), Failure> {
    let Found { incidents, upto } = found;
    if incidents.is_empty() {
        return Ok((Vec::new(), upto));
    }
    let ids: Vec<IncidentId> = incidents.iter().map(|(one, _)| one.id).collect();
    let held: FxHashSet<IncidentId> = projector
        .read(move |view| {
            let held = |id: &IncidentId| view.world.incident(*id).is_some();
            ids.into_iter().filter(held).collect()
        })
        .await?;
    let left = incidents
        .into_iter()
        .filter(|(one, _)| !held.contains(&one.id));
    let shown = left.map(|(one, clearance)| privacy::incident(&one, clearance));
    Ok((shown.collect(), upto))
}

/// Both in one order, at most `limit`, and where to go on. What lies behind `upto` must wait: the
/// history has not looked there yet.
fn together(
    mut items: Vec<Incident>,
    left: Vec<Incident>,
    upto: Option<Key>,
    order: Order,
    limit: usize,
) -> (Vec<Incident>, Option<Key>) {
    let known: FxHashSet<IncidentId> = items.iter().map(|one| one.id).collect();
    items.extend(left.into_iter().filter(|one| !known.contains(&one.id)));
    order.sort(&mut items, key_of);
    if let Some(upto) = upto {
        items.retain(|one| !order.is_behind(key_of(one), upto));
    }
    if items.len() > limit {
        items.truncate(limit);
        let last = items.last().map(key_of);
        return (items, last);
    }
    (items, upto)
}

#[cfg(test)]
mod tests {
    use domain::access::Viewer;
    use domain::actor::Clearance;

    use super::*;
    use crate::history::{Needles, Wanted};
    use crate::hub::tests::{self, COUNTY, Walk};
    use crate::table::Format;

    fn query(viewer: &Viewer, now: Timestamp) -> Query {
        Query {
            wanted: Wanted::default(),
            viewer: viewer.clone(),
            order: Order::Newest,
            after: None,
            limit: 1_000,
            now,
        }
    }

    #[test]
    fn no_list_and_no_file_says_what_is_hidden() {
        let mut walk = Walk::new();
        // Reports, then some of them taken on and sent about.
        for (what, which) in (0..16)
            .map(|n| (0, n))
            .chain((0..24).map(|n| (3 + n as u8 % 8, n * 5)))
        {
            walk.step(what, which);
        }
        for viewer in tests::viewers() {
            let page = Page {
                items: of_world(&walk.world, &query(&viewer, walk.now())),
                next: None,
                now: walk.now(),
                is_complete: true,
            };
            tests::looked_at(&walk, &viewer, page.json().to_string().as_bytes());
            for format in [Format::Csv, Format::Ndjson, Format::GeoJson] {
                for item in &page.items {
                    let text = format.item(item, &COUNTY, page.now, false);
                    tests::looked_at(&walk, &viewer, text.as_bytes());
                }
            }
            let snapshot = serde_json::to_vec(&walk.world.seen_by(&viewer)).expect("json");
            tests::looked_at(&walk, &viewer, &snapshot);
        }
    }

    #[test]
    fn a_search_finds_only_what_is_shown() {
        let mut walk = Walk::new();
        // A child at risk: which = 1 is of a sensitive category.
        walk.step(0, 1);
        let find = |clearance, q: &str| {
            let viewer = Viewer::of_region(COUNTY.code, clearance);
            let mut query = query(&viewer, walk.now());
            query.wanted.words = Needles::read(q);
            of_world(&walk.world, &query).len()
        };
        assert_eq!(find(Clearance::Full, "题000"), 1);
        assert_eq!(find(Clearance::Wall, "题000"), 0);
        assert_eq!(find(Clearance::Staff, "述000"), 0);
        assert_eq!(find(Clearance::Full, "述000"), 1);
        assert_eq!(find(Clearance::Wall, ""), 1);
    }

    #[test]
    fn the_two_are_one_list() {
        let mut walk = Walk::new();
        (0..12).for_each(|which| walk.step(0, which));
        let mut all: Vec<Incident> = walk.world.incidents().cloned().collect();
        Order::Newest.sort(&mut all, key_of);
        let (world, left): (Vec<_>, Vec<_>) = all.iter().cloned().partition(|i| i.number % 3 != 0);
        // The same one from both sides stands there once.
        let mut left = left;
        left.push(world[0].clone());
        let (items, next) = together(world.clone(), left.clone(), None, Order::Newest, all.len());
        assert_eq!((items, next), (all.clone(), None));
        let (items, next) = together(world.clone(), left.clone(), None, Order::Newest, 5);
        assert_eq!(next, Some(key_of(&all[4])));
        assert_eq!(items, all[..5]);
        // The history has looked as far as its second one only.
        let upto = key_of(&left[1]);
        let (items, next) = together(
            world,
            left[..2].to_vec(),
            Some(upto),
            Order::Newest,
            all.len(),
        );
        assert_eq!(next, Some(upto));
        let seen = all
            .iter()
            .position(|one| key_of(one) == upto)
            .expect("there");
        assert_eq!(items, all[..=seen]);
    }
}
